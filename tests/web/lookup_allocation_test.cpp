// SPDX-License-Identifier: MIT
// A look-up allocates nothing: this executable's operator new counts.
#include "handlers.hpp"

#include <aio/testing/failing_allocation.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

AIO_REPLACE_OPERATOR_NEW();

namespace aio::tests {
namespace {

using testing::FailingAllocation;

class LookUpAllocations : public ::testing::Test {
protected:
    void SetUp() override {
        if (!FailingAllocation::available()) GTEST_SKIP() << "a sanitizer has its own operator new";
        inner.add_get("/{a}/{b:.*}", handler());
        router.add_subapp("/sub", inner);
        router.add_domain("other.example", other);
        for (int i = 0; i < 100; ++i) {
            const std::string path = "/r" + std::to_string(i);
            router.add_get(path, handler());
            router.add_get(path + "/{id:\\d+}", handler());
            router.add_get(path + "/{name:a|b|(?:cd)+}/x", handler());
            router.add_post(path + "/{id}/y", handler());
        }
        router.add_static("/static", handler());
        router.freeze();
    }

    static std::size_t allocations(const web::UrlDispatcher& router, std::string_view path,
                                   web::UrlMappingMatchInfo& match, std::string_view method = "GET") {
        router.resolve(method, "example.com", path, match);
        const FailingAllocation counting(0, 0);
        router.resolve(method, "example.com", path, match);
        return counting.count();
    }

    web::UrlDispatcher router;
    web::UrlDispatcher inner;
    web::UrlDispatcher other;
};

TEST_F(LookUpAllocations, AreNone) {
    web::UrlMappingMatchInfo match;
    for (const char* path : {"/r7", "/r99/1234", "/r50/cdcd/x", "/static/a/b/c", "/sub/x/y",
                             "/sub/%41/%42%2F", "/r7/%31%32", "/r7/none/of/it", "/nothing", "/static/../x"}) {
        EXPECT_EQ(allocations(router, path, match), 0u) << path;
    }
    EXPECT_EQ(allocations(router, "/r7/8/y", match), 0u);
    EXPECT_EQ(match.allow(), "POST");
}

TEST_F(LookUpAllocations, AreNoneEvenTheFirstTimeIfNothingIsEncoded) {
    const FailingAllocation counting(0, 0);
    web::UrlMappingMatchInfo match;
    router.resolve("GET", "example.com", "/r99/1234", match);
    EXPECT_EQ(match.status(), 200);
    EXPECT_EQ(counting.count(), 0u);
}

}  // namespace
}  // namespace aio::tests
