// SPDX-License-Identifier: MIT
// Messages that are received into their own memory, and compressed in pieces.
#include "websocket/socket_support.hpp"

#include <aio/base/error.hpp>

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace aio::tests {
namespace {

TEST_F(WebSocketTest, ReceivesThatAreCancelledWithinALargeMessage) {
    std::string payload;
    for (int i = 0; payload.size() < 300'000; ++i) payload += std::to_string(i);
    const auto slow = [&](Request& request) -> Coro<Response> {
        auto socket = co_await web::accept_websocket(request);
        for (int i = 0; i < 3; ++i) {
            const std::string wire = frame(0x02, payload.substr(0, 100'000)) + frame(0x89, "?") +
                                     frame(0x80, payload.substr(100'000)) + frame(0x81, "next");
            for (std::size_t begin = 0; begin < wire.size(); begin += 10'000) {
                request.transport().write(wire.substr(begin, 10'000));
                co_await sleep(3ms);
            }
        }
        co_await socket.close();
        co_return socket;
    };
    int cancelled = 0;
    with(slow, [&](http::ClientWebSocketResponse socket) -> Coro<> {
        for (int received = 0; received < 6;) {
            try {
                const WSMessage message = co_await socket.receive(1ms);
                EXPECT_EQ(message.data() == (received % 2 ? "next" : payload), true) << received;
                ++received;
            } catch (const TimeoutError&) {
                ++cancelled;
            }
        }
    });
    EXPECT_GT(cancelled, 100);
}

TEST_F(WebSocketTest, ALargeMessageThatEndsTooSoon) {
    const auto breaks_off = [](Request& request) -> Coro<Response> {
        auto socket = co_await web::accept_websocket(request);
        request.transport().write(RawFrame{.first = 0x82, .size = 200'000}.str());
        co_await sleep(1ms);
        request.transport().write(std::string(150'000, 'x'));
        co_await sleep(1ms);
        request.transport().close();
        co_return socket;
    };
    with(breaks_off, [](http::ClientWebSocketResponse socket) -> Coro<> {
        const WSMessage message = co_await socket.receive();
        EXPECT_EQ(message.type(), WSMsgType::closed);
        EXPECT_EQ(socket.close_code(), 1006);
    });
}

std::string numbers(std::size_t size) {
    std::string text;
    for (int i = 0; text.size() < size; ++i) text += std::to_string(i);
    return text;
}

Coro<> send(http::WebSocket socket, std::string text, std::optional<int> compress = std::nullopt) {
    co_await socket.send_str(text, compress);
}

TEST_F(WebSocketTest, OthersHaveATurnWhileALargeMessageIsCompressed) {
    const std::string large = numbers(1'000'000);
    std::string told;
    const auto takes = [&](Request& request) -> Coro<Response> {
        auto socket = co_await web::accept_websocket(request, web::WebSocketOptions().autoping(false));
        while (const auto message = co_await socket.next()) {
            const bool is_large = message->data().size() > 100;
            if (is_large) {
                EXPECT_EQ(message->data(), large);
            }
            told += (is_large ? "large" : message->data()) + " ";
        }
        co_return socket;
    };
    const auto asks = [](http::WebSocketBuilder& builder) { builder.compress(); };
    const auto body = [&](http::ClientWebSocketResponse socket) -> Coro<> {
        auto first = create_task(send(socket, large));
        int turns = 0;
        for (; !first.done(); ++turns) {
            if (turns == 3) {
                create_task(send(socket, "a"));
                create_task(send(socket, large, 9));
                create_task(send(socket, "b", 0));
                create_task(send(socket, large, 0));
                create_task(send(socket, large));
            }
            if (turns == 5) {
                co_await socket.ping(BytesView("ping"));
                EXPECT_TRUE(http::broadcast(std::vector<http::WebSocket>{socket}, "c").empty());
            }
            co_await sleep(0s);
        }
        EXPECT_GE(turns, 15);
        co_await sleep(1s);
        EXPECT_TRUE(http::broadcast(std::vector<http::WebSocket>{socket}, "d").empty());
        co_await socket.send_str("e");
        co_await socket.close();
    };
    with(takes, body, asks);
    EXPECT_EQ(told, "ping c large a large b large large d e ");
}

// Of one that is cancelled nothing is sent, and the next one does not refer to it.
TEST_F(WebSocketTest, ALargeMessageThatIsNotSentToItsEnd) {
    const std::string large = numbers(1'000'000);
    const auto asks = [](http::WebSocketBuilder& builder) { builder.compress(); };
    with(
        echo,
        [&](http::ClientWebSocketResponse socket) -> Coro<> {
            for (const int turns : {1, 2, 5, 10}) {
                auto cancelled = create_task(send(socket, large));
                auto waits = create_task(send(socket, "waits"));
                for (int i = 0; i < turns; ++i) co_await sleep(0s);
                cancelled.cancel();
                const std::string text = co_await socket.receive_str();
                EXPECT_EQ(text, "waits");
            }
            co_await socket.send_str(large);
            const std::string text = co_await socket.receive_str();
            EXPECT_EQ(text == large, true);
            auto late = create_task(send(socket, large));
            auto later = create_task(send(socket, large));
            co_await sleep(0s);
            co_await socket.close();
            const auto results = co_await gather(return_exceptions, late, later);
            EXPECT_THROW(std::get<0>(results).value(), ConnectionResetError);
            EXPECT_THROW(std::get<1>(results).value(), ConnectionResetError);
        },
        asks);
}

}  // namespace
}  // namespace aio::tests
