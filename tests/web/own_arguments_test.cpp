// SPDX-License-Identifier: MIT
// What an application is given to call, with arguments of its own; and what may be set while it starts.
#include "web/web_test.hpp"

#include <aio/web/test_utils.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

using web::Application;
using web::Handler;
using web::Request;
using web::Response;

struct OwnArgumentsTest : WebTest {};

Coro<Response> note(std::string name, int& calls, Request& request, Handler next) {
    ++calls;
    Response response = co_await next(request);
    co_return response.header("X-By", name);
}

AsyncGenerator<NoneType> open_store(std::string name, Application app) {
    app.set(std::make_unique<std::string>(std::move(name)));
    co_yield NoneType();
}

struct Hooks {
    void add(int count, Application&) { sum += count; }
    Coro<> add_later(int count, Application&) {
        sum += count;
        co_return;
    }
    int sum = 0;
};

TEST_F(OwnArgumentsTest, OfMiddlewaresContextsAndSignals) {
    int calls = 0;
    Hooks hooks;
    Application app(web::AppOptions().middleware({note, "me", std::ref(calls)}));
    app.add_get("/", say_hello);
    app.add_cleanup_ctx(open_store, "of the context");
    app.on_startup().append(&Hooks::add, &hooks, 1);
    app.on_shutdown().append(&Hooks::add_later, &hooks, 10);
    std::string by;
    run([&]() -> Coro<> {
        web::TestClient client(app);
        auto response = co_await client.get("/");
        by = response.headers().get("X-By", "nobody");
        co_await client.close();
    });
    EXPECT_EQ(by, "me");
    EXPECT_EQ(*app.get<std::unique_ptr<std::string>>(), "of the context");
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(hooks.sum, 11);
}

// As in aiohttp, where a context sets what it has opened: app["db"] = await connect().
TEST_F(OwnArgumentsTest, WhatIsSetUpIsSetWhileItStarts) {
    Application sub;
    sub.on_startup().append([](Application& a) { a.set(std::string("of sub")); });
    Application app;
    app.add_subapp("/sub", sub);
    app.add_cleanup_ctx(open_store, "of the context");
    app.on_startup().append([](Application& a) { a.set(5); });
    run([&]() -> Coro<> { co_await app.startup(); });
    EXPECT_EQ(app.get<int>(), 5);
    EXPECT_EQ(sub.get<std::string>(), "of sub");
    EXPECT_THROW(app.set(6), RuntimeError);
    EXPECT_THROW(sub.set(6), RuntimeError);
    run([&]() -> Coro<> { co_await app.cleanup(); });
}

}  // namespace
}  // namespace aio::tests
