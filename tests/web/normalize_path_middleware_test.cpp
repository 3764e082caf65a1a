// SPDX-License-Identifier: MIT
#include "web/web_test.hpp"

#include <aio/web/router/normalize_path_middleware.hpp>

#include <string>
#include <string_view>

namespace aio::tests {
namespace {

using web::Application;
using web::NormalizePathOptions;
using web::Request;
using web::Response;

Coro<Response> ok(Request&) { co_return Response().text("ok"); }

struct NormalizePathTest : WebTest {
    static Application app(web::Middleware middleware) {
        Application made;
        made.add_middleware(std::move(middleware));
        made.add_get("/resource1", ok);
        made.add_get("/resource2/", ok);
        made.add_get("/resource1/a/b", ok);
        made.add_get("/{name}/x/", ok);
        return made;
    }
    // Status and Location.
    std::string get(const Application& app, const std::string& target, const std::string& method = "GET") {
        const std::string all = run([&]() -> Coro<std::string> {
            co_await app.startup();
            const web::Handler handler([app](Request& request) { return app.handle(request); });
            std::string answer =
                co_await talk(handler, method + " " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
            co_await app.shutdown();
            co_await app.cleanup();
            co_return answer;
        });
        const std::size_t location = all.find("Location: ");
        return all.substr(9, 3) +
               (location == all.npos
                    ? ""
                    : " " + all.substr(location + 10, all.find('\r', location) - location - 10));
    }
};

TEST_F(NormalizePathTest, SendsClientsToWhatTheyMeant) {
    const Application made = app(web::normalize_path_middleware());
    EXPECT_EQ(get(made, "/resource1"), "200");
    EXPECT_EQ(get(made, "/resource2"), "308 /resource2/");
    EXPECT_EQ(get(made, "/resource2?p1=1&p2=2"), "308 /resource2/?p1=1&p2=2");
    EXPECT_EQ(get(made, "/resource1////a//b?q=//"), "308 /resource1/a/b?q=//");
    EXPECT_EQ(get(made, "//resource2"), "308 /resource2/");
    EXPECT_EQ(get(made, "/a%2Fb//x"), "308 /a%2Fb/x/");
    EXPECT_EQ(get(made, "/unknown"), "404");
    EXPECT_EQ(get(made, "/resource1", "POST"), "405");
}

TEST_F(NormalizePathTest, NeverToAnotherHost) {
    const Application made = app(web::normalize_path_middleware());
    EXPECT_EQ(get(made, "//evil.com/x"), "308 /evil.com/x/");
    EXPECT_EQ(get(made, "//evil.com//x"), "308 /evil.com/x/");
    EXPECT_EQ(get(made, "/%5Cevil.com/x"), "308 /%5Cevil.com/x/");
    EXPECT_EQ(get(made, "//%2Fevil.com/x"), "308 /%2Fevil.com/x/");
}

TEST_F(NormalizePathTest, RedirectsByTheExceptionThatIsWanted) {
    const auto found = [](std::string_view location) { throw web::HTTPFound(location); };
    const auto remove = NormalizePathOptions().append_slash(false).remove_slash(true);
    const Application made = app(web::normalize_path_middleware(remove, found));
    EXPECT_EQ(get(made, "/resource1/?a=b"), "302 /resource1?a=b");
    EXPECT_EQ(get(made, "/resource2/"), "200");
    EXPECT_EQ(get(made, "/resource2"), "404");
    EXPECT_THROW((void)web::normalize_path_middleware(NormalizePathOptions().remove_slash(true)), ValueError);
}

}  // namespace
}  // namespace aio::tests
