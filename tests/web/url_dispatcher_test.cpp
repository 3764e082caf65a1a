// SPDX-License-Identifier: MIT
#include "handlers.hpp"

#include <aio/base/error.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using web::Route;
using web::RouteOptions;
using web::UrlDispatcher;
using web::UrlMappingMatchInfo;

template <class E, class F>
std::string error_of(F fn) {
    try {
        fn();
    } catch (const E& error) {
        return error.what();
    }
    return "nothing was thrown";
}

class Router : public ::testing::Test {
protected:
    UrlMappingMatchInfo resolve(std::string_view path, std::string_view method = "GET") const {
        return router.resolve(method, "example.com", path);
    }
    // Names and values, "name=value;".
    std::string variables(std::string_view path) const {
        const UrlMappingMatchInfo match = resolve(path);
        if (!match) return std::to_string(match.status());
        std::string text;
        for (std::size_t i = 0; i < match.size(); ++i) {
            const auto [name, value] = match.item(i);
            text += std::string(name) + "=" + std::string(value) + ";";
        }
        return text;
    }
    std::string allowed(std::string_view path, std::string_view method) const {
        const UrlMappingMatchInfo match = resolve(path, method);
        return std::to_string(match.status()) + " " + match.allow();
    }

    UrlDispatcher router;
};

TEST_F(Router, FindsARouteByMethodAndPath) {
    const Route& root = router.add_route("GET", "/", handler());
    const Route& h1 = router.add_route("GET", "/h1", handler());
    const Route& h2 = router.add_route("POST", "/h2", handler());
    const Route& lower = router.add_route("propfind", "/h2", handler());
    EXPECT_EQ(&resolve("/").route(), &root);
    EXPECT_EQ(&resolve("/h1").route(), &h1);
    EXPECT_EQ(&resolve("/h2", "POST").route(), &h2);
    EXPECT_EQ(&resolve("/h2", "PROPFIND").route(), &lower);
    EXPECT_EQ(resolve("/h1").status(), 200);
    EXPECT_TRUE(resolve("/h1").handler());
}

TEST_F(Router, EachMethodHasAShortcut) {
    EXPECT_EQ(router.add_head("/", handler()).method(), "HEAD");
    EXPECT_EQ(router.add_options("/", handler()).method(), "OPTIONS");
    EXPECT_EQ(router.add_post("/", handler()).method(), "POST");
    EXPECT_EQ(router.add_put("/", handler()).method(), "PUT");
    EXPECT_EQ(router.add_patch("/", handler()).method(), "PATCH");
    EXPECT_EQ(router.add_delete("/", handler()).method(), "DELETE");
    EXPECT_EQ(router.add_view("/", handler()).method(), "*");
    EXPECT_EQ(router.resources().size(), 1u);
    EXPECT_EQ(router.routes().size(), 7u);
    EXPECT_EQ(resolve("/", "LOCK").route().method(), "*");
}

TEST_F(Router, GetIsHeadToo) {
    router.add_get("/both", handler());
    router.add_get("/get", handler(), RouteOptions().allow_head(false));
    EXPECT_EQ(resolve("/both", "HEAD").route().method(), "HEAD");
    EXPECT_EQ(allowed("/get", "HEAD"), "405 GET");
}

TEST_F(Router, TakesArgumentsForTheHandler) {
    struct Store {
        Coro<web::Response> list(web::Request&) { co_return web::Response(); }
    } store;
    const auto numbered = [](int, web::Request&) -> Coro<web::Response> { co_return web::Response(); };
    router.add_get("/a", &Store::list, &store);
    router.add_post("/a", numbered, 1);
    router.add_route("LOCK", "/a", numbered, 2);
    EXPECT_TRUE(resolve("/a", "POST").handler());
    EXPECT_TRUE(resolve("/a", "LOCK").handler());
    EXPECT_THROW(router.add_get("/b", web::Handler()), TypeError);
}

TEST_F(Router, TellsNotFoundFromMethodNotAllowed) {
    router.add_get("/a", handler());
    router.add_post("/a", handler());
    router.add_put("/{name}", handler());
    EXPECT_EQ(allowed("/b/c", "GET"), "404 ");
    EXPECT_EQ(allowed("/a", "DELETE"), "405 GET,HEAD,POST,PUT");
    EXPECT_EQ(allowed("/b", "DELETE"), "405 PUT");
    EXPECT_EQ(resolve("/a", "PUT").route().method(), "PUT");
    EXPECT_EQ(resolve("/a", "DELETE").repr(), "<MatchInfoError 405: Method Not Allowed>");
    EXPECT_EQ(resolve("/b/c").repr(), "<MatchInfoError 404: Not Found>");
    EXPECT_THROW((void)resolve("/b/c").route(), RuntimeError);
    EXPECT_EQ(resolve("/b/c").size(), 0u);
    EXPECT_EQ(resolve("/b").size(), 0u);
}

TEST_F(Router, TheMoreExplicitPathComesFirstThenTheEarlierOne) {
    const Route& any = router.add_get("/{path:.*}", handler());
    const Route& variable = router.add_get("/a/{name}", handler());
    const Route& again = router.add_get("/a/{other}", handler());
    const Route& plain = router.add_get("/a/b", handler());
    EXPECT_EQ(&resolve("/a/b").route(), &plain);
    EXPECT_EQ(&resolve("/a/c").route(), &variable);
    EXPECT_EQ(&resolve("/a/c/d").route(), &any);
    EXPECT_NE(&resolve("/a/c").route(), &again);
}

TEST_F(Router, ValuesAreDecoded) {
    router.add_get("/{path}/{subpath}", handler());
    router.add_get("/get/{version}/x/", handler());
    EXPECT_EQ(variables("/path/my%2Fpath%7Cwith%21some%25strange%24characters"),
              "path=path;subpath=my/path|with!some%strange$characters;");
    EXPECT_EQ(variables("/path/my%252Fpath"), "path=path;subpath=my%2Fpath;");
    EXPECT_EQ(variables("/%D1%80%D1%83%D1%81%20%D1%82/x"), "path=рус т;subpath=x;");
    EXPECT_EQ(variables("/get/1.0+test/x/"), "version=1.0+test;");
    EXPECT_EQ(variables("/%2f/%252f"), "path=/;subpath=%2f;");
}

TEST_F(Router, VariablesAreLookedUpByName) {
    router.add_get("/{name}/{age:\\d+}", handler());
    const UrlMappingMatchInfo match = resolve("/john/42");
    EXPECT_EQ(match["name"], "john");
    EXPECT_EQ(match.get("age"), "42");
    EXPECT_EQ(match.get("size"), std::nullopt);
    EXPECT_EQ(error_of<LookupError>([&] { (void)match["size"]; }), "no variable 'size' in the path");
    EXPECT_THROW((void)match.item(2), LookupError);
    EXPECT_EQ(match.repr(),
              "<MatchInfo {'name': 'john', 'age': '42'}: <ResourceRoute [GET] "
              "<DynamicResource  /{name}/{age}>>>");
}

TEST_F(Router, AMatchCanBeUsedAgainAndCopied) {
    router.add_get("/{a}/{b}", handler());
    router.add_get("/{v0}{v1}{v2}{v3}{v4}{v5}{v6}{v7}{v8}{v9}!", handler());
    router.add_get("/plain", handler());
    UrlMappingMatchInfo match;
    router.resolve("GET", "", "/%41/b", match);
    const UrlMappingMatchInfo copy = match;
    EXPECT_EQ(match["a"], "A");
    router.resolve("GET", "", "/0123456789!", match);
    EXPECT_EQ(match.size(), 10u);
    EXPECT_EQ(match["v9"], "9");
    router.resolve("GET", "", "/plain", match);
    EXPECT_TRUE(match);
    EXPECT_TRUE(match.empty());
    router.resolve("GET", "", "/nothing/here/to/see", match);
    EXPECT_FALSE(match);
    EXPECT_EQ(copy["a"], "A");
    EXPECT_EQ(copy["b"], "b");
}

TEST_F(Router, RoutesMayBeWrittenEncodedOrNot) {
    router.add_get("/пре фикс/x", handler());
    router.add_get("/%D0%B0%2fb/{x}", handler());
    router.add_get("/100%/{x}", handler());
    router.add_get("/+$", handler());
    EXPECT_EQ(resolve("/%D0%BF%D1%80%D0%B5%20%D1%84%D0%B8%D0%BA%D1%81/x").status(), 200);
    EXPECT_EQ(variables("/%D0%B0%2Fb/1"), "x=1;");
    EXPECT_EQ(variables("/100%25/1"), "x=1;");
    EXPECT_EQ(resolve("/+$").status(), 200);
    EXPECT_EQ(resolve("/%2B%24").status(), 200);
}

TEST_F(Router, RefusesPathsMethodsAndNamesThatAreNone) {
    const auto add = [this](std::string_view method, std::string_view path, std::string_view name = {}) {
        return error_of<ValueError>(
            [&] { router.add_route(method, path, handler(), RouteOptions().name(name)); });
    };
    EXPECT_EQ(add("GET", "invalid_path"), "path should be started with / or be empty");
    EXPECT_EQ(add("GET", "/{/"), "Invalid path '/{/'['/{/']");
    EXPECT_EQ(add("GET", "/a}"), "Invalid path '/a}'['/a}']");
    for (const char* method :
         {"BAD METHOD", "B@D_METHOD", "[BAD_METHOD]", "{BAD_METHOD}", "(BAD_METHOD)", ""}) {
        EXPECT_EQ(add(method, "/path"), std::string(method) + " is not allowed HTTP method");
    }
    for (const char* name : {"invalid name", "1a", "a..b", "a/b", "-"}) {
        EXPECT_EQ(add("GET", "/name", name),
                  "Incorrect route name '" + std::string(name) +
                      "', the name should be a sequence of identifiers separated by dash, dot or colon");
    }
    router.add_get("/get", handler(), RouteOptions().name("a.b:c-d"));
    EXPECT_EQ(add("GET", "/get_other", "a.b:c-d"),
              "Duplicate 'a.b:c-d', already handled by <PlainResource 'a.b:c-d' /get>");
}

TEST_F(Router, RefusesARouteThatWouldNeverBeCalled) {
    web::Resource& resource = router.add_resource("/path");
    resource.add_route("GET", handler());
    EXPECT_EQ(error_of<RuntimeError>([&] { resource.add_route("get", handler()); }),
              "Added route will never be executed, method GET is already registered");
    resource.add_route("*", handler());
    EXPECT_EQ(error_of<RuntimeError>([&] { resource.add_route("POST", handler()); }),
              "Added route will never be executed, method * is already registered");
    EXPECT_EQ(resource.routes().size(), 2u);
}

TEST_F(Router, TheLastResourceGetsFurtherRoutes) {
    web::Resource& first = router.add_resource("/a", "a");
    EXPECT_EQ(&router.add_resource("/a", "a"), &first);
    EXPECT_NE(&router.add_resource("/a"), &first);
    web::Resource& variable = router.add_resource("/{b}");
    EXPECT_EQ(&router.add_resource("/{b}"), &variable);
    EXPECT_NE(&router.add_resource("/{c}"), &variable);
    EXPECT_EQ(router.resources().size(), 4u);
}

TEST_F(Router, NothingIsAddedOnceItIsFrozen) {
    web::Resource& resource = router.add_resource("/a");
    Route& route = resource.add_route("GET", handler());
    web::StaticResource& files = router.add_static("/files", handler());
    router.freeze();
    EXPECT_TRUE(router.frozen());
    const std::string frozen = "Cannot register a resource into frozen router.";
    EXPECT_EQ(error_of<RuntimeError>([&] { router.add_get("/b", handler()); }), frozen);
    EXPECT_EQ(error_of<RuntimeError>([&] { router.add_post("/a", handler()); }), frozen);
    EXPECT_EQ(error_of<RuntimeError>([&] { router.add_static("/b", handler()); }), frozen);
    EXPECT_EQ(error_of<RuntimeError>([&] { route.name("a"); }), frozen);
    EXPECT_THROW(resource.add_route("POST", handler()), RuntimeError);
    EXPECT_THROW(files.set_options_route(handler()), RuntimeError);
    EXPECT_EQ(resolve("/a").status(), 200);
}

TEST_F(Router, ResourcesHaveNames) {
    Route& one = router.add_get("/plain", handler(), RouteOptions().name("one"));
    Route& two = router.add_get("/variable/{name}", handler()).name("two");
    router.add_static("/static", handler(), web::StaticRouteOptions().name("three"));
    router.add_get("/other", handler());
    EXPECT_EQ(one.name(), "one");
    EXPECT_EQ(router["two"].routes().back(), &two);
    EXPECT_TRUE(router.contains("three"));
    EXPECT_FALSE(router.contains("four"));
    EXPECT_FALSE(router.contains(""));
    EXPECT_EQ(router.named_resources().size(), 3u);
    EXPECT_EQ(router.resources().size(), 4u);
    EXPECT_THROW((void)router["four"], LookupError);
    EXPECT_THROW((void)router[""], LookupError);
    EXPECT_THROW(two.name("one"), ValueError);
    EXPECT_THROW(router.add_get("/x", handler()).name("one"), ValueError);
    EXPECT_EQ(&two.name("two"), &two);
    EXPECT_EQ(router["three"].repr(), "<StaticResource 'three' /static>");
}

TEST_F(Router, ARouteKeepsItsExpectHandler) {
    const Route& usual = router.add_get("/a", handler());
    EXPECT_FALSE(usual.expect_handler());
    const web::ExpectHandler own = [](web::Request&) -> Coro<std::optional<web::Response>> {
        co_return std::nullopt;
    };
    EXPECT_TRUE(router.add_post("/a", handler(), RouteOptions().expect_handler(own)).expect_handler());
}

TEST_F(Router, WhatIsAddedAfterALookUpIsFound) {
    EXPECT_EQ(resolve("/a").status(), 404);
    router.add_get("/a", handler());
    EXPECT_EQ(resolve("/a").status(), 200);
}

}  // namespace
}  // namespace aio::tests
