// SPDX-License-Identifier: MIT
// One message for many: whoever reads gets it, whoever does not costs nobody anything.
#include "websocket/socket_support.hpp"

#include <map>
#include <ranges>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace aio::tests {
namespace {

using http::broadcast;
using http::ClientWebSocketResponse;
using http::WebSocket;

class BroadcastTest : public WebSocketTest {
protected:
    /// Runs `body(client)` beside a server that puts who connects to /NAME into the room.
    template <class Body>
    void with_room(Body body) {
        run([&]() -> Coro<> {
            web::Application app;
            app.add_get("/{name}", [this](Request& request) { return serve(request); });
            web::TestClient client(app);
            co_await body(client);
            co_await sleep(1ms);
            co_await client.close();
        });
    }
    auto members() const { return std::views::values(room); }

    std::map<std::string, WebSocket> room;

private:
    Coro<Response> serve(Request& request) {
        const std::string name = request.match_info("name");
        auto socket = co_await web::accept_websocket(request, web::WebSocketOptions().writer_limit(50'000));
        room.emplace(name, socket);
        while (const auto message = co_await socket.next()) {
        }
        co_return socket;
    }
};

TEST_F(BroadcastTest, EverybodyGetsIt) {
    with_room([this](web::TestClient& client) -> Coro<> {
        std::vector<ClientWebSocketResponse> all;
        all.push_back(co_await client.ws_connect("/plain"));
        all.push_back(co_await client.ws_connect("/compressed").compress());
        all.push_back(co_await client.ws_connect("/other"));
        EXPECT_TRUE(room.at("compressed").compresses());
        const std::string large(20'000, 'x');
        for (int i = 0; i < 2; ++i) {
            EXPECT_TRUE(broadcast(members(), "h\u00e9llo").empty());
            EXPECT_TRUE(broadcast(members(), large, WSMsgType::binary).empty());
        }
        for (auto& socket : all) {
            for (int i = 0; i < 2; ++i) {
                const std::string text = co_await socket.receive_str();
                EXPECT_EQ(text, "h\u00e9llo");
                const std::string bytes = co_await socket.receive_bytes();
                EXPECT_EQ(bytes, large);
            }
        }
        for (auto& socket : all) co_await socket.close();
    });
}

TEST_F(BroadcastTest, FromClientsToo) {
    std::vector<std::string> heard;
    const auto listen = [&heard](Request& request) -> Coro<Response> {
        auto socket = co_await web::accept_websocket(request);
        while (const auto message = co_await socket.next()) heard.push_back(message->data());
        co_return socket;
    };
    run([&]() -> Coro<> {
        web::Application app;
        app.add_get("/", listen);
        web::TestClient client(app);
        std::vector<ClientWebSocketResponse> all;
        all.push_back(co_await client.ws_connect("/"));
        all.push_back(co_await client.ws_connect("/").compress());
        EXPECT_TRUE(broadcast(all, "from a client").empty());
        for (auto& socket : all) co_await socket.close();
        co_await client.close();
    });
    EXPECT_EQ(heard, std::vector<std::string>(2, "from a client"));
}

TEST_F(BroadcastTest, WhoDoesNotReadIsGivenBackAndCostsLittle) {
    with_room([this](web::TestClient& client) -> Coro<> {
        auto slow = co_await client.ws_connect("/slow");
        auto quick = co_await client.ws_connect("/quick");
        const std::string text(10'000, 'x');
        int refused = 0;
        for (int i = 0; i < 1000; ++i) {
            for (const WebSocket& left_out : broadcast(members(), text)) {
                EXPECT_EQ(left_out.state(), room.at("slow").state());
                ++refused;
            }
            const std::string got = co_await quick.receive_str();
            EXPECT_EQ(got, text);
        }
        EXPECT_GT(refused, 900);
        for (int i = refused; i < 1000; ++i) {
            const std::string got = co_await slow.receive_str();
            EXPECT_EQ(got, text);
        }
        EXPECT_TRUE(broadcast(members(), "again").empty());
        const std::string got = co_await slow.receive_str();
        EXPECT_EQ(got, "again");
        co_await slow.close();
        co_await quick.close();
    });
}

/// Ranges that are read once, and such as make what they give.
TEST_F(BroadcastTest, AnyRangeOfAnyLength) {
    with_room([this](web::TestClient& client) -> Coro<> {
        std::vector<ClientWebSocketResponse> all;
        for (int i = 0; i < 50; ++i) {
            const std::string place = "/" + std::to_string(100 + i);
            all.push_back(co_await client.ws_connect(place));
        }
        std::vector<WebSocket> some;
        for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 32U, 50U}) {
            some.clear();
            for (const WebSocket& member : members() | std::views::take(size)) some.push_back(member);
            EXPECT_TRUE(broadcast(some, "list").empty());
            auto made =
                some | std::views::transform([](const WebSocket& socket) { return WebSocket(socket); });
            EXPECT_TRUE(broadcast(made, "made").empty());
            for (const std::string_view told : {"list", "made"}) {
                for (std::size_t i = 0; i < size; ++i) {
                    const std::string text = co_await all[i].receive_str();
                    EXPECT_EQ(text, told) << size;
                }
            }
        }
        std::istringstream once("0 1 2 3");
        auto read = std::views::istream<int>(once) | std::views::transform([&](int i) -> WebSocket& {
                        return some[static_cast<std::size_t>(i)];
                    });
        EXPECT_TRUE(broadcast(read, "once").empty());
        for (std::size_t i = 0; i < 4; ++i) {
            const std::string text = co_await all[i].receive_str();
            EXPECT_EQ(text, "once");
        }
        some.reserve(2 * all.size());
        std::set<const void*> seen;
        for (std::size_t i = 0; i < all.size(); ++i) some.push_back(some[i]);
        auto each = some | std::views::filter([&](const WebSocket& socket) {
                        return seen.insert(socket.state().get()).second;
                    });
        EXPECT_TRUE(broadcast(each, "filtered").empty());
        EXPECT_TRUE(broadcast(members(), "end").empty());
        for (const std::string_view told : {"filtered", "end"}) {
            for (auto& socket : all) {
                const std::string text = co_await socket.receive_str();
                EXPECT_EQ(text, told);
            }
        }
        for (auto& socket : all) co_await socket.close();
    });
}

TEST_F(BroadcastTest, ThoseBeforeABadOneHaveIt) {
    with_room([this](web::TestClient& client) -> Coro<> {
        std::vector<ClientWebSocketResponse> all;
        std::vector<WebSocket> some;
        for (int i = 0; i < 20; ++i) {
            const std::string place = "/" + std::to_string(100 + i);
            all.push_back(co_await client.ws_connect(place));
            some.push_back(room.at(place.substr(1)));
        }
        some[18] = web::WebSocketResponse();
        EXPECT_THROW(broadcast(some, "some"), RuntimeError);
        EXPECT_TRUE(broadcast(members(), "all").empty());
        for (std::size_t i = 0; i < all.size(); ++i) {
            const std::string text = co_await all[i].receive_str();
            EXPECT_EQ(text, i < 18 ? "some" : "all") << i;
        }
        for (auto& socket : all) co_await socket.close();
    });
}

TEST_F(BroadcastTest, ClosedOnesAreLeftOut) {
    with_room([this](web::TestClient& client) -> Coro<> {
        auto goes = co_await client.ws_connect("/goes");
        auto stays = co_await client.ws_connect("/stays");
        co_await goes.close();
        EXPECT_TRUE(room.at("goes").closed());
        EXPECT_TRUE(broadcast(members(), "hello").empty());
        const std::string text = co_await stays.receive_str();
        EXPECT_EQ(text, "hello");
        co_await stays.close();
        EXPECT_TRUE(broadcast(members(), "nobody").empty());
    });
}

TEST_F(BroadcastTest, RefusesWhatNoFrameMayCarry) {
    with_room([this](web::TestClient& client) -> Coro<> {
        auto socket = co_await client.ws_connect("/one");
        EXPECT_THROW(broadcast(members(), "\xFF"), ValueError);
        EXPECT_THROW(broadcast(members(), "x", WSMsgType::close), ValueError);
        EXPECT_THROW(broadcast(members(), std::string(126, 'x'), WSMsgType::ping), ValueError);
        EXPECT_THROW(broadcast(std::vector<WebSocket>{web::WebSocketResponse()}, "x"), RuntimeError);
        std::vector<WebSocket> moved(1, socket);
        const WebSocket gone = std::move(moved[0]);
        EXPECT_THROW(broadcast(moved, "x"), RuntimeError);
        EXPECT_TRUE(broadcast(members(), "good").empty());
        const std::string text = co_await socket.receive_str();
        EXPECT_EQ(text, "good");
        co_await socket.close();
    });
}

}  // namespace
}  // namespace aio::tests
