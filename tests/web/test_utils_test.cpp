// SPDX-License-Identifier: MIT
#include "web/web_test.hpp"

#include <aio/http/forms/form_data.hpp>
#include <aio/http/json.hpp>
#include <aio/web/test_utils.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aio::tests {

struct ShopItem {
    std::string name;
    int price = 0;
    std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(ShopItem, (), (name, price, note))

namespace {

using web::Application;
using web::Request;
using web::Response;

Coro<Response> slow_hello(Request& request) {
    co_await sleep(500ms);
    co_return Response().text("hello, " + request.match_info("name") + "!");
}
Coro<Response> double_price(Request& request) {
    ShopItem item = co_await request.json<ShopItem>();
    item.price *= 2;
    co_return web::json_response(item).status(201);
}
Coro<Response> form(Request& request) {
    const http::PostData data = co_await request.post();
    const http::FileField* const file = data.file("file");
    std::string said = std::string(data.get("a", "-"));
    if (file) {
        std::string content = co_await file->file().read();
        said += " " + file->filename() + " " + content;
    }
    co_return Response().text(said);
}

Application make_shop() {
    Application app;
    app.add_get("/hello/{name}", slow_hello);
    app.add_post("/double", double_price);
    app.add_post("/form", form);
    return app;
}

Coro<std::string> greet(web::TestClient& client, int number) {
    auto response = co_await client.get("/hello/" + std::to_string(number));
    std::string text = co_await response.text();
    co_return text;
}

struct TestUtilsTest : WebTest {};

TEST_F(TestUtilsTest, AThousandClientsAreAnsweredInHalfASecond) {
    run([]() -> Coro<> {
        web::TestClient client(make_shop());
        std::vector<Coro<std::string>> fetches;
        for (int i = 0; i < 1000; ++i) fetches.push_back(greet(client, i));
        const std::vector<std::string> answers = co_await gather(std::move(fetches));
        EXPECT_EQ(answers.size(), 1000u);
        EXPECT_EQ(answers[7], "hello, 7!");
        co_await client.close();
    });
    EXPECT_EQ(clock().elapsed(), 500ms);
    EXPECT_EQ(reports(), std::vector<std::string>());
}

TEST_F(TestUtilsTest, Json) {
    run([]() -> Coro<> {
        web::TestClient client(make_shop());
        const ShopItem tea{"tea", 250, std::nullopt};
        auto response = co_await client.post("/double").json(tea);
        EXPECT_EQ(response.status(), 201);
        const ShopItem item = co_await response.json<ShopItem>();
        EXPECT_EQ(item.price, 500);
        const std::vector<int> numbers(1, 1);
        auto refused = co_await client.post("/double").json(numbers);
        EXPECT_EQ(refused.status(), 400);
        const std::string why = co_await refused.text();
        EXPECT_NE(why.find("object"), std::string::npos) << why;
        auto other = co_await client.post("/double").data("{}");
        EXPECT_EQ(other.status(), 400);
        co_await client.close();
    });
}

TEST_F(TestUtilsTest, CleansUpWhenItIsClosed) {
    std::string log;
    run([&]() -> Coro<> {
        Application app = make_shop();
        app.on_startup().append([&](Application&) { log += "startup "; });
        app.on_cleanup().append([&](Application&) { log += "cleanup"; });
        web::TestClient client(app);
        EXPECT_EQ(client.make_url("/a").str(), "http://127.0.0.1/a");
        EXPECT_EQ(log, "");
        std::string text = co_await greet(client, 1);
        EXPECT_EQ(log, "startup ");
        co_await client.close();
    });
    EXPECT_EQ(log, "startup cleanup");
}

struct TestServerTest : ::testing::Test, testing::LoopTest {
    TestServerTest() : LoopTest(true) {}
};

TEST_F(TestServerTest, OverSockets) {
    run([]() -> Coro<> {
        const web::TestServer server(make_shop());
        co_await server.start_server();
        EXPECT_GT(server.port(), 0);
        EXPECT_EQ(server.make_url("/a?b=c").str(),
                  "http://127.0.0.1:" + std::to_string(server.port()) + "/a?b=c");
        web::TestClient client(server);
        EXPECT_EQ(client.make_url("/a").str(), server.make_url("/a").str());
        http::FormData data;
        data.add_field("a", "text");
        data.add_field("file", "content", http::FieldOptions().filename("a.txt"));
        auto response = co_await client.post("/form").data(std::move(data));
        const std::string said = co_await response.text();
        EXPECT_EQ(said, "text a.txt content");
        co_await client.close();
        co_await server.close();
    });
}

TEST_F(TestServerTest, OfOneHandler) {
    run([]() -> Coro<> {
        const web::RawTestServer server(say_request);
        co_await server.start_server();
        web::TestClient client(server);
        auto response = co_await client.put("/any/path").data("body");
        const std::string said = co_await response.text();
        EXPECT_EQ(said, "PUT /any/path body");
        co_await client.close();
        co_await server.close();
    });
}

}  // namespace
}  // namespace aio::tests
