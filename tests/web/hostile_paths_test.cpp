// SPDX-License-Identifier: MIT
// Paths as somebody sends them who wants to get where he should not.
#include "handlers.hpp"

#include <aio/web/router/normalize_path.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::string_view_literals;
using web::UrlDispatcher;

class HostilePaths : public ::testing::Test {
protected:
    HostilePaths() {
        router.add_get("/admin", handler()).name("admin");
        router.add_get("/admin/{name}", handler()).name("user");
        router.add_get("/public/{name}", handler()).name("public");
        router.add_static("/static", handler(), web::StaticRouteOptions().name("static"));
        router.freeze();
    }

    // The resource and the value, or the status.
    std::string get(std::string_view path) const {
        const web::UrlMappingMatchInfo match = router.resolve("GET", "example.com", path);
        if (!match) return std::to_string(match.status());
        return std::string(match.route().name()) +
               (match.empty() ? "" : "=" + std::string(match.item(0).second));
    }

    UrlDispatcher router;
};

TEST_F(HostilePaths, AnEncodedSlashIsNoSeparator) {
    EXPECT_EQ(get("/admin%2fx"), "404");
    EXPECT_EQ(get("/public%2Fx"), "404");
    EXPECT_EQ(get("/public/..%2Fadmin"), "public=../admin");
    EXPECT_EQ(get("/public/a%2Fb"), "public=a/b");
    EXPECT_EQ(get("/public/a%252Fb"), "public=a%2Fb");
    EXPECT_EQ(get("/public/a%5Cb"), "public=a\\b");
    EXPECT_EQ(get("/static%2fetc"), "404");
}

TEST_F(HostilePaths, DotsAreSegmentsLikeOthers) {
    EXPECT_EQ(get("/public/../admin"), "404");
    EXPECT_EQ(get("/./admin"), "404");
    EXPECT_EQ(get("//admin"), "404");
    EXPECT_EQ(get("/admin/"), "404");
    EXPECT_EQ(get("/public/.."), "public=..");
    EXPECT_EQ(get("/public/%2e%2e"), "public=..");
    EXPECT_EQ(get("/ADMIN"), "404");
    EXPECT_EQ(get("/admin;x"), "404");
    EXPECT_EQ(get("/%61dmin"), "admin");
}

TEST_F(HostilePaths, NulAndLineFeedsAreCharactersLikeOthers) {
    EXPECT_EQ(get("/admin%00"), "404");
    EXPECT_EQ(get("/public/a%00.html"), "public=a\0.html"sv);
    EXPECT_EQ(get("/public/a%0d%0aX:y"), "public=a\r\nX:y");
    EXPECT_EQ(get("/public/a%0a"), "public=a\n");
    EXPECT_EQ(get("/admin\0"sv), "404");
}

TEST_F(HostilePaths, WhatIsNoEncodingStaysAsItIs) {
    EXPECT_EQ(get("/public/%"), "public=%");
    EXPECT_EQ(get("/public/%2"), "public=%2");
    EXPECT_EQ(get("/public/%zz%2"), "public=%zz%2");
    EXPECT_EQ(get("/public/%%32F"), "public=%2F");
    EXPECT_EQ(get("/public/%C0%AF"), "public=%C0%AF");  // an overlong slash
    EXPECT_EQ(get("/public/%E0%80%AF"), "public=%E0%80%AF");
    EXPECT_EQ(get("/public/%ff%C3%A9%c3"), "public=%ffé%c3");
    EXPECT_EQ(get("/public/%ED%A0%80"), "public=%ED%A0%80");  // half of a pair
    EXPECT_EQ(get("/public/\xFF"), "public=\xFF");
}

TEST_F(HostilePaths, StaticFilesAreBelowTheirPrefix) {
    EXPECT_EQ(get("/static/a/../b"), "static=a/../b");
    EXPECT_EQ(get("/static"), "static=");
    EXPECT_EQ(get("/static/"), "static=");
    for (const char* path : {"/static/..", "/static/../admin", "/static/a/../../admin", "/static/./../admin",
                             "/static//../../admin", "/static/../static/a", "/static/%2e%2e/admin",
                             "/static/%2E./admin", "/static/a/../../../../../etc/passwd"}) {
        EXPECT_EQ(get(path), "404") << path;
    }
    // Decoded only after it was matched: whoever opens files has to look at these.
    EXPECT_EQ(get("/static/..%2f..%2fetc/passwd"), "static=../../etc/passwd");
    EXPECT_EQ(get("/static//etc/passwd"), "static=/etc/passwd");
    EXPECT_EQ(get("/static/%2Fetc/passwd"), "static=/etc/passwd");
    EXPECT_EQ(get("/static/a%00b"), "static=a\0b"sv);
}

TEST_F(HostilePaths, LongOnesAreLeftEarly) {
    std::string slashes(1 << 20, '/');
    EXPECT_EQ(get(slashes), "404");
    EXPECT_EQ(get("/public/" + std::string(1 << 20, 'a')).size(), (1u << 20) + 7);
    std::string encoded = "/public/";
    for (int i = 0; i < 100000; ++i) encoded += "%61";
    EXPECT_EQ(get(encoded), "public=" + std::string(100000, 'a'));
    std::string segments;
    for (int i = 0; i < 100000; ++i) segments += "/static";
    EXPECT_EQ(get(segments), "static=" + segments.substr(8));
}

std::vector<std::string> normalized(std::string_view path, web::NormalizePathOptions options = {}) {
    return web::normalized_paths(path, options);
}

TEST(NormalizedPaths, NeverLeadToAnotherHost) {
    using web::NormalizePathOptions;
    EXPECT_EQ(normalized("//evil.com/"), std::vector<std::string>{"/evil.com/"});
    EXPECT_EQ(normalized("///evil.com"), (std::vector<std::string>{"/evil.com", "/evil.com/"}));
    EXPECT_EQ(normalized("/\\evil.com"), (std::vector<std::string>{"/%5Cevil.com", "/%5Cevil.com/"}));
    EXPECT_EQ(normalized("/\t/evil.com/"), std::vector<std::string>{"/%09/evil.com/"});
    EXPECT_EQ(normalized("//evil.com", NormalizePathOptions().merge_slashes(false)),
              std::vector<std::string>{"/evil.com/"});
    EXPECT_EQ(normalized("//evil.com//", NormalizePathOptions().append_slash(false).remove_slash(true)),
              (std::vector<std::string>{"/evil.com/", "/evil.com"}));
    EXPECT_EQ(normalized("http://evil.com//a"), std::vector<std::string>{});
    EXPECT_EQ(normalized("*"), std::vector<std::string>{});
    for (const char* path : {"//evil.com", "//\\evil.com", "/\\/evil.com/", "/\r/\n/evil.com/",
                             "\\\\evil.com", "////\\\\evil.com//", "/ /evil.com"}) {
        for (int kind = 0; kind < 6; ++kind) {
            const auto options = NormalizePathOptions()
                                     .append_slash(kind % 3 == 1)
                                     .remove_slash(kind % 3 == 2)
                                     .merge_slashes(kind < 3);
            for (const std::string& location : normalized(path, options)) {
                EXPECT_EQ(location.front(), '/');
                EXPECT_NE(location[1], '/') << path << " gives " << location;
                EXPECT_EQ(location.find_first_of("\\\t\r\n "), location.npos)
                    << path << " gives " << location;
            }
        }
    }
}

}  // namespace
}  // namespace aio::tests
