// SPDX-License-Identifier: MIT
#include "handlers.hpp"

#include <aio/base/error.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace aio::tests {
namespace {

using web::StaticRouteOptions;
using web::UrlDispatcher;

TEST(UrlFor, OfAPlainResourceIsItsPath) {
    UrlDispatcher router;
    router.add_get("/get", handler()).name("name");
    router.add_get("", handler()).name("root");
    router.add_get("/пре %2Fфикс", handler()).name("quoted");
    EXPECT_EQ(router["name"].url_for().str(), "/get");
    EXPECT_EQ(router["root"].url_for().str(), "/");
    EXPECT_EQ(router["quoted"].url_for().str(), "/%D0%BF%D1%80%D0%B5%20%2F%D1%84%D0%B8%D0%BA%D1%81");
    EXPECT_THROW((void)router["name"].url_for({{"a", "b"}}), TypeError);
}

TEST(UrlFor, PutsEncodedPartsIntoAPath) {
    UrlDispatcher router;
    const web::Route& route = router.add_get("/get/{name}", handler());
    EXPECT_EQ(route.url_for({{"name", "John"}}).str(), "/get/John");
    EXPECT_EQ(route.url_for({{"name", "John"}}).with_query("a=1").str(), "/get/John?a=1");
    EXPECT_EQ(router.add_get(R"(/get/{num:^\d+}/)", handler()).url_for({{"num", 123}}).str(), "/get/123/");
    EXPECT_EQ(router.add_get("/{one}/{two:.+}", handler()).url_for({{"two", 2}, {"one", 1}}).str(), "/1/2");
    const http::URL url = router.add_get("/пре %2Fфикс/{arg}", handler()).url_for({{"arg", "1 2/текст%2F"}});
    EXPECT_EQ(url.path(), "/пре /фикс/1 2/текст%2F");
    EXPECT_EQ(url.str(),
              "/%D0%BF%D1%80%D0%B5%20%2F%D1%84%D0%B8%D0%BA%D1%81"
              "/1%202/%D1%82%D0%B5%D0%BA%D1%81%D1%82%252F");
    EXPECT_THROW((void)route.url_for(), LookupError);
    EXPECT_THROW((void)route.url_for({{"nam", "John"}}), LookupError);
}

// What somebody else chose cannot become a host, a query or another line.
TEST(UrlFor, PartsStayInThePath) {
    UrlDispatcher router;
    const web::Route& route = router.add_get("/{name}", handler());
    EXPECT_EQ(route.url_for({{"name", "/evil.com"}}).raw_host(), std::nullopt);
    EXPECT_EQ(route.url_for({{"name", "a?b#c\r\nd"}}).str(), "/a%3Fb%23c%0D%0Ad");
}

TEST(UrlFor, OfAStaticResourceIsThatOfAFile) {
    UrlDispatcher router;
    web::StaticResource& files = router.add_static("/st/", handler());
    EXPECT_EQ(files.url_for("file.txt").str(), "/st/file.txt");
    EXPECT_EQ(files.url_for("/dir/a.txt").str(), "/st/dir/a.txt");
    EXPECT_EQ(files.url_for({{"filename", "a b.txt"}}).str(), "/st/a%20b.txt");
    EXPECT_EQ(files.canonical(), "/st");
    const http::URL url = router.add_static("/пре %2Fфикс", handler()).url_for("/1 2/файл%2F.txt");
    EXPECT_EQ(url.path(), "/пре /фикс/1 2/файл%2F.txt");
    EXPECT_EQ(url.str(),
              "/%D0%BF%D1%80%D0%B5%20%2F%D1%84%D0%B8%D0%BA%D1%81"
              "/1%202/%D1%84%D0%B0%D0%B9%D0%BB%252F.txt");
    EXPECT_EQ(router.add_static("/", handler()).url_for("a").str(), "/a");
}

TEST(UrlFor, OfAStaticResourceMayHaveTheVersionOfAFile) {
    const web::FileVersion version = [](std::string_view filename) -> std::optional<std::string> {
        if (filename != "data") return std::nullopt;
        return "aUsn8CHE=";
    };
    UrlDispatcher router;
    web::StaticResource& always =
        router.add_static("/a", handler(), StaticRouteOptions().version(version).append_version(true));
    web::StaticResource& asked = router.add_static("/b", handler(), StaticRouteOptions().version(version));
    EXPECT_EQ(always.url_for("/data").str(), "/a/data?v=aUsn8CHE%3D");
    EXPECT_EQ(always.url_for("data", false).str(), "/a/data");
    EXPECT_EQ(always.url_for("other").str(), "/a/other");
    EXPECT_EQ(asked.url_for("data").str(), "/b/data");
    EXPECT_EQ(asked.url_for("data", true).str(), "/b/data?v=aUsn8CHE%3D");
}

TEST(StaticResource, HasGetHeadAndPerhapsOptions) {
    UrlDispatcher router;
    web::StaticResource& files = router.add_static("/st", handler());
    EXPECT_EQ(files.routes().size(), 2u);
    EXPECT_EQ(router.resolve("POST", "", "/st/a").allow(), "GET,HEAD");
    EXPECT_EQ(router.resolve("OPTIONS", "", "/st/a").status(), 405);
    const web::Route& options = files.set_options_route(handler());
    EXPECT_EQ(&router.resolve("OPTIONS", "", "/st/a").route(), &options);
    EXPECT_THROW(files.set_options_route(handler()), RuntimeError);
    EXPECT_EQ(router.resolve("GET", "", "/unknown/path").status(), 404);
    EXPECT_EQ(router.resolve("GET", "", "/sta").status(), 404);
    EXPECT_THROW(router.add_static("st", handler()), ValueError);
}

}  // namespace
}  // namespace aio::tests
