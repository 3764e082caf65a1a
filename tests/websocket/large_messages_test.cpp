// SPDX-License-Identifier: MIT
// Messages that are received into their own memory.
#include "websocket/socket_support.hpp"

#include <aio/base/error.hpp>

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

}  // namespace
}  // namespace aio::tests
