// SPDX-License-Identifier: MIT
#include "web/web_test.hpp"

#include <aio/web/router/view.hpp>

#include <string>
#include <utility>

namespace aio::tests {
namespace {

using web::Request;
using web::Response;
using web::View;

struct Item : View {
    using View::View;
    Coro<Response> get() { co_return Response().text("got " + std::string(request().method())); }
    Coro<Response> delete_() {
        co_await sleep(1s);
        co_return Response().text("gone");
    }
    int post() { return 1; }  // no handler
};

struct Store {
    int number = 7;
};

struct WithArguments : View {
    WithArguments(Store* its_store, std::string its_name, Request& request)
        : View(request), store(its_store), name(std::move(its_name)) {}
    Coro<Response> get() { co_return Response().text(name + std::to_string(store->number)); }
    Store* store;
    std::string name;
};

struct ViewTest : WebTest {
    std::string ask(const web::Handler& handler, const std::string& method) {
        const std::string all = answer(handler, method + " / HTTP/1.1\r\nHost: a\r\n\r\n");
        const std::size_t allow = all.find("Allow: ");
        const std::string methods =
            allow == all.npos ? "" : all.substr(allow + 7, all.find('\r', allow) - allow - 7) + " ";
        return all.substr(9, 3) + " " + methods + all.substr(all.find("\r\n\r\n") + 4);
    }
};

TEST_F(ViewTest, AnswersEachMethodByTheFunctionOfItsName) {
    EXPECT_EQ(ask(View::of<Item>(), "GET"), "200 got GET");
    EXPECT_EQ(ask(View::of<Item>(), "DELETE"), "200 gone");
}

TEST_F(ViewTest, OthersAreNotAllowed) {
    for (const char* method : {"POST", "HEAD", "PUT", "get", "DELETE_", "PROPFIND"}) {
        EXPECT_TRUE(ask(View::of<Item>(), method).starts_with("405 DELETE,GET ")) << method;
    }
}

TEST_F(ViewTest, IsARouteForEveryMethod) {
    web::Application app;
    app.add_view("/", View::of<Item>()).name("item");
    const web::Handler handler([app](Request& request) { return app.handle(request); });
    EXPECT_EQ(ask(handler, "GET"), "200 got GET");
    EXPECT_TRUE(ask(handler, "BREW").starts_with("405 DELETE,GET "));
    EXPECT_EQ(app.router()["item"].routes().size(), 1U);
}

TEST_F(ViewTest, TakesArguments) {
    Store store;
    EXPECT_EQ(ask(View::of<WithArguments>(&store, "store "), "GET"), "200 store 7");
}

}  // namespace
}  // namespace aio::tests
