// SPDX-License-Identifier: MIT
#include "handlers.hpp"

#include <aio/web/router/route_def.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <gtest/gtest.h>

#include <concepts>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using web::RouteOptions;
using web::UrlDispatcher;

Coro<web::Response> numbered(int, web::Request&) { co_return web::Response(); }

std::string methods(const std::vector<web::Route*>& routes) {
    std::string text;
    for (const web::Route* route : routes) text += route->method() + " ";
    return text;
}

TEST(RouteDef, OfEachMethodAddsItsRoutes) {
    UrlDispatcher router;
    const auto added = router.add_routes(
        {web::get("/a", handler()), web::head("/b", handler()), web::options("/b", handler()),
         web::post("/b", numbered, 1), web::put("/b", handler()), web::patch("/b", handler()),
         web::delete_("/b", handler()), web::view("/c", handler()), web::route("LOCK", "/b", numbered, 2),
         web::static_("/files", handler())});
    EXPECT_EQ(methods(added), "GET HEAD OPTIONS POST PUT PATCH DELETE * LOCK GET HEAD ");
    EXPECT_EQ(methods(router.resources().front()->routes()), "HEAD GET ");
    EXPECT_EQ(router.resolve("GET", "", "/files/x")["filename"], "x");
    EXPECT_EQ(router.resolve("LOCK", "", "/b").status(), 200);
}

TEST(RouteDef, KeepsItsOptions) {
    UrlDispatcher router;
    router.add_routes({web::get("/a", handler(), RouteOptions().name("a").allow_head(false)),
                       web::static_("/files", handler(), web::StaticRouteOptions().name("files"))});
    EXPECT_EQ(methods(router["a"].routes()), "GET ");
    EXPECT_TRUE(router.contains("files"));
    EXPECT_EQ(web::get("/a", handler(), RouteOptions().name("a")).repr(), "<RouteDef GET /a name='a'>");
    EXPECT_EQ(web::static_("/f", handler()).repr(), "<StaticDef /f>");
}

TEST(RouteTableDef, CollectsRoutes) {
    web::RouteTableDef table;
    table.get("/", handler()).head("/h", handler()).options("/o", handler()).post("/", numbered, 1);
    table.put("/", handler()).patch("/", handler()).delete_("/", handler());
    table.view("/v", handler()).route("LOCK", "/", handler()).static_("/files", handler());
    EXPECT_EQ(table.size(), 10u);
    EXPECT_EQ(table[3].method(), "POST");
    EXPECT_EQ(table.begin()->path(), "/");
    UrlDispatcher router;
    EXPECT_EQ(methods(router.add_routes(table)), "GET HEAD OPTIONS POST PUT PATCH DELETE * LOCK GET HEAD ");
    UrlDispatcher other;
    EXPECT_EQ(other.add_routes(table).size(), 11u);
}

// A setter of a variable gives the variable, one of a temporary the temporary.
#define EXPECT_CHAINED(options, call)                                               \
    static_assert(std::same_as<decltype(std::declval<options&>().call), options&>); \
    static_assert(std::same_as<decltype(std::declval<options>().call), options&&>)

TEST(RouteOptions, AreChained) {
    EXPECT_CHAINED(RouteOptions, name("a"));
    EXPECT_CHAINED(RouteOptions, allow_head(true));
    EXPECT_CHAINED(RouteOptions, expect_handler({}));
    EXPECT_CHAINED(web::StaticRouteOptions, name("a"));
    EXPECT_CHAINED(web::StaticRouteOptions, expect_handler({}));
    EXPECT_CHAINED(web::StaticRouteOptions, append_version(true));
    EXPECT_CHAINED(web::StaticRouteOptions, version({}));
}

}  // namespace
}  // namespace aio::tests
