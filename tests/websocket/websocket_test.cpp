// SPDX-License-Identifier: MIT
// Both ends of WebSockets, over a connection in memory and in virtual time.
#include "websocket/socket_support.hpp"

#include <aio/http/json.hpp>

#include <string>
#include <vector>

namespace aio::tests {
namespace {

TEST_F(WebSocketTest, EchoesTextsAndBytes) {
    with(echo, [](http::ClientWebSocketResponse socket) -> Coro<> {
        co_await socket.send_str("hello");
        std::string text = co_await socket.receive_str();
        EXPECT_EQ(text, "hello");
        const std::string bytes(70'000, '\xFF');
        co_await socket.send_bytes(bytes);
        text = co_await socket.receive_bytes();
        EXPECT_EQ(text, bytes);
        co_await socket.send_str("");
        text = co_await socket.receive_str();
        EXPECT_EQ(text, "");
        const bool said = co_await socket.close();
        EXPECT_TRUE(said);
        EXPECT_EQ(socket.close_code(), 1000);
        const bool again = co_await socket.close();
        EXPECT_FALSE(again);
    });
    EXPECT_EQ(log, "closed 1000");
}

TEST_F(WebSocketTest, S182_Websockets) {
    const auto upper = [this](Request& request) -> Coro<Response> {
        auto socket = co_await web::accept_websocket(request, web::WebSocketOptions().max_msg_size(100));
        while (const auto message = co_await socket.next()) {
            if (message->type() != WSMsgType::text) continue;
            std::string text = message->data();
            for (char& c : text) c = static_cast<char>(std::toupper(c));
            co_await socket.send_str(text);
        }
        log += "server loop ended " + std::to_string(socket.close_code().value_or(0)) + "; ";
        co_return socket;
    };
    with(upper, [this](http::ClientWebSocketResponse socket) -> Coro<> {
        co_await socket.ping();
        co_await socket.send_str("hi");
        WSMessage message = co_await socket.receive();
        EXPECT_EQ(message.data(), "HI");
        const bool closed = co_await socket.close(1001);
        EXPECT_TRUE(closed);
        message = co_await socket.receive();
        EXPECT_EQ(message.type(), WSMsgType::closed);
        co_await sleep(1ms);
        EXPECT_EQ(log, "server loop ended 1001; ");
    });
    with(upper, [](http::ClientWebSocketResponse socket) -> Coro<> {
        co_await socket.send_str(std::string(200, 'x'));
        const WSMessage message = co_await socket.receive();
        EXPECT_EQ(message.type(), WSMsgType::close);
        EXPECT_EQ(message.code(), 1009);
        EXPECT_EQ(socket.close_code(), 1009);
    });
}

TEST_F(WebSocketTest, TheServerCloses) {
    const auto closes = [this](Request& request) -> Coro<Response> {
        auto socket = co_await web::accept_websocket(request);
        const bool said = co_await socket.close(4001, "go away");
        log += said ? "said " : "not said ";
        log += std::to_string(socket.close_code().value_or(0));
        co_return socket;
    };
    with(closes, [](http::ClientWebSocketResponse socket) -> Coro<> {
        const WSMessage message = co_await socket.receive();
        EXPECT_EQ(message.type(), WSMsgType::close);
        EXPECT_EQ(message.code(), 4001);
        EXPECT_EQ(message.data(), "go away");
        EXPECT_TRUE(socket.closed());
        const WSMessage after = co_await socket.receive();
        EXPECT_EQ(after.type(), WSMsgType::closed);
        std::string caught;
        try {
            co_await socket.send_str("x");
        } catch (const ConnectionResetError& e) {
            caught = e.what();
        }
        EXPECT_NE(caught.find("Cannot write to closing transport"), caught.npos) << caught;
    });
    EXPECT_EQ(log, "said 4001");
}

TEST_F(WebSocketTest, IsPreparedOnce) {
    const auto prepares = [this](Request& request) -> Coro<Response> {
        web::WebSocketResponse socket(web::WebSocketOptions().protocol("chat"));
        co_await socket.prepare(request);
        co_await socket.prepare(request);
        try {
            static_cast<void>(socket.can_prepare(request));
        } catch (const RuntimeError& e) {
            log += e.what();
        }
        // What the handshake needed is still there.
        log += "; " + std::string(request.header("Upgrade").value_or("-"));
        log += "; " + std::string(socket.headers().get("Upgrade", "-"));
        co_await socket.close();
        co_return socket;
    };
    with(prepares, [](http::ClientWebSocketResponse socket) -> Coro<> {
        const WSMessage message = co_await socket.receive();
        EXPECT_EQ(message.type(), WSMsgType::close);
    });
    EXPECT_EQ(log, "Already started; websocket; websocket");
}

TEST_F(WebSocketTest, ManySendersAtOnceAndOneReceiver) {
    with(echo, [](http::ClientWebSocketResponse socket) -> Coro<> {
        const auto sends = [](http::WebSocket to, int number) -> Coro<> {
            for (int i = 0; i < 50; ++i) {
                const std::string text = std::to_string(number) + ":" + std::to_string(i) + ":" +
                                         std::string(static_cast<std::size_t>(i * number * 100), 'x');
                co_await to.send_str(text);
            }
        };
        std::vector<Task<>> senders;
        for (int number = 0; number < 5; ++number) senders.push_back(create_task(sends, socket, number));
        std::vector<int> next(5, 0);
        for (int i = 0; i < 250; ++i) {
            const std::string text = co_await socket.receive_str();
            const std::size_t colon = text.find(':');
            const int number = std::stoi(text);
            const int index = std::stoi(text.substr(colon + 1));
            EXPECT_EQ(index, next[static_cast<std::size_t>(number)]++);
            EXPECT_EQ(text.size() - text.rfind(':') - 1, static_cast<std::size_t>(index * number * 100));
        }
        for (auto& sender : senders) co_await sender;
        co_await socket.close();
    });
}

TEST_F(WebSocketTest, CompressedBothWays) {
    for (const int bits : {9, 12, 15}) {
        log.clear();
        with(
            echo,
            [](http::ClientWebSocketResponse socket) -> Coro<> {
                EXPECT_TRUE(socket.compresses());
                for (int i = 0; i < 20; ++i) {
                    const std::string text = "message " + std::to_string(i) + std::string(5000, 'a');
                    co_await socket.send_str(text);
                    const std::string back = co_await socket.receive_str();
                    EXPECT_EQ(back, text);
                }
                co_await socket.close();
            },
            [bits](http::WebSocketBuilder& builder) { builder.compress(bits); });
        EXPECT_EQ(log, "closed 1000");
    }
}

TEST_F(WebSocketTest, Subprotocols) {
    const auto speaks = [this](Request& request) -> Coro<Response> {
        auto socket = co_await web::accept_websocket(
            request, web::WebSocketOptions().protocol("v1.chat").protocol("v2.chat"));
        log = socket.protocol();
        co_await socket.receive();
        co_return socket;
    };
    const auto close = [](http::ClientWebSocketResponse socket) -> Coro<> {
        EXPECT_EQ(socket.protocol(), "v2.chat");
        co_await socket.close();
    };
    with(speaks, close,
         [](http::WebSocketBuilder& b) { b.protocol("v3.chat").protocol("v2.chat").protocol("v1.chat"); });
    EXPECT_EQ(log, "v2.chat");
}

// receive() is told of a close by another task, and of one at a time.
TEST_F(WebSocketTest, ACloseSendsTheReceiverAway) {
    with(echo, [](http::ClientWebSocketResponse socket) -> Coro<> {
        auto receiver = create_task(
            [](http::WebSocket from) -> Coro<WSMessage> { co_return co_await from.receive(); }, socket);
        co_await sleep(1ms);
        std::string caught;
        try {
            co_await socket.receive();
        } catch (const RuntimeError& e) {
            caught = e.what();
        }
        EXPECT_EQ(caught, "Concurrent call to receive() is not allowed");
        const bool said = co_await socket.close();
        EXPECT_TRUE(said);
        EXPECT_EQ(socket.close_code(), 1000);
        EXPECT_TRUE(receiver.done());
        const WSMessage message = co_await receiver;
        EXPECT_EQ(message.type(), WSMsgType::closing);
    });
}

TEST_F(WebSocketTest, ACancelledReceiveLosesNothing) {
    const auto slow = [](Request& request) -> Coro<Response> {
        auto socket = co_await web::accept_websocket(request);
        for (int i = 0; i < 100; ++i) {
            co_await sleep(3ms);
            co_await socket.send_str(std::to_string(i) +
                                     std::string(static_cast<std::size_t>(i) * 1000, 'x'));
        }
        co_await socket.close();
        co_return socket;
    };
    with(slow, [](http::ClientWebSocketResponse socket) -> Coro<> {
        int expected = 0;
        while (expected < 100) {
            try {
                const std::string text = co_await socket.receive_str(1ms);
                EXPECT_EQ(std::stoi(text), expected);
                EXPECT_GE(text.size(), static_cast<std::size_t>(expected) * 1000);
                ++expected;
            } catch (const TimeoutError&) {
                continue;
            }
        }
    });
}

struct Point {
    int x = 0;
    int y = 0;
};
BOOST_DESCRIBE_STRUCT(Point, (), (x, y))

TEST_F(WebSocketTest, Json) {
    with(echo, [](http::ClientWebSocketResponse socket) -> Coro<> {
        Point point;
        point.y = 2;
        co_await socket.send_json(point);
        const WSMessage message = co_await socket.receive();
        EXPECT_EQ(message.data(), R"({"x":0,"y":2})");
        EXPECT_EQ(message.json<Point>().y, 2);
        point.x = 3;
        co_await socket.send_json(point);
        const Point back = co_await socket.receive_json<Point>();
        EXPECT_EQ(back.x, 3);
        co_await socket.close();
    });
}

TEST_F(WebSocketTest, WhatCannotBeSent) {
    with(echo, [](http::ClientWebSocketResponse socket) -> Coro<> {
        const auto error = [](auto awaitable) -> Coro<std::string> {
            try {
                co_await std::move(awaitable);
            } catch (const ValueError& e) {
                co_return e.what();
            }
            co_return "none";
        };
        EXPECT_EQ(co_await error(socket.send_str("a\xFF")), "a text to be sent is not UTF-8");
        EXPECT_EQ(co_await error(socket.send_str("a\xC3")), "a text to be sent is not UTF-8");
        const std::string long_one(126, 'x');
        EXPECT_EQ(co_await error(socket.ping(long_one)), "a control frame cannot carry 126 bytes");
        EXPECT_EQ(co_await error(socket.send_frame("x", WSMsgType::close)),
                  "a frame of that type cannot be sent");
        EXPECT_EQ(co_await error(socket.send_str("a", 8)),
                  "a message is compressed with 9 to 15 bits of window or, by 0, not at all, not with 8");
        EXPECT_EQ(co_await error(socket.close(1005)), "a WebSocket cannot be closed with 1005");
        EXPECT_EQ(co_await error(socket.close(1000, std::string(124, 'x'))),
                  "a reason of more than 123 bytes");
        co_await socket.send_frame("fine", WSMsgType::text);
        const std::string text = co_await socket.receive_str();
        EXPECT_EQ(text, "fine");
        const bool said = co_await socket.close(4999, std::string(123, 'x'));
        EXPECT_TRUE(said);
    });
    EXPECT_EQ(log, "closed 4999");
}

TEST_F(WebSocketTest, AHandleThatWasMovedFromSaysSo) {
    with(echo, [](http::ClientWebSocketResponse socket) -> Coro<> {
        const http::ClientWebSocketResponse other = std::move(socket);
        EXPECT_THROW(socket.closed(), RuntimeError);  // NOLINT(bugprone-use-after-move)
        EXPECT_THROW(static_cast<void>(socket.send_str("x")), RuntimeError);
        co_await other.close();
    });
}

TEST_F(WebSocketTest, AMessageOfAnotherKindIsToldSo) {
    with(echo, [](http::ClientWebSocketResponse socket) -> Coro<> {
        co_await socket.send_bytes("x");
        std::string caught;
        try {
            co_await socket.receive_str();
        } catch (const http::WSMessageTypeError& e) {
            caught = e.what();
        }
        EXPECT_NE(caught, "");
        co_await socket.close();
    });
}

// --- the end --------------------------------------------------------------------------------------

TEST_F(WebSocketTest, AClientThatIsGoneEndsTheHandlersLoop) {
    with(echo, [](http::ClientWebSocketResponse socket) -> Coro<> {
        co_await socket.send_str("x");
        co_await socket.receive_str();
        co_return;  // the handle goes
    });
    EXPECT_EQ(log, "closed 1006");
}

TEST_F(WebSocketTest, APeerThatNeverSaysGoodbye) {
    const auto silent = [this](Request& request) -> Coro<Response> {
        auto socket = co_await web::accept_websocket(request);
        try {
            co_await sleep(1h);
        } catch (const CancelledError&) {
            log += "cancelled";
            throw;
        }
        co_return socket;
    };
    with(silent, [](http::ClientWebSocketResponse socket) -> Coro<> {
        const TimePoint begin = get_running_loop().time();
        const bool said = co_await socket.close();
        EXPECT_TRUE(said);
        EXPECT_EQ(get_running_loop().time() - begin, 10s);
        EXPECT_EQ(socket.close_code(), 1006);
        EXPECT_TRUE(socket.exception());
    });
}

TEST_F(WebSocketTest, F95_APeerThatDoesNotAnswerToHeartbeats) {
    const auto silent = [](Request& request) -> Coro<Response> {
        auto socket = co_await web::accept_websocket(request);
        co_await sleep(1h);
        co_return socket;
    };
    with(
        silent,
        [](http::ClientWebSocketResponse socket) -> Coro<> {
            const TimePoint begin = get_running_loop().time();
            const WSMessage message = co_await socket.receive();
            EXPECT_EQ(message.type(), WSMsgType::error);
            EXPECT_EQ(message.data(), "No PONG received: timed out");
            EXPECT_EQ(socket.close_code(), 1006);
            EXPECT_LE(get_running_loop().time() - begin, 2s);
            EXPECT_GE(get_running_loop().time() - begin, 1s);
        },
        [](http::WebSocketBuilder& builder) { builder.heartbeat(1s); });
}

TEST_F(WebSocketTest, HeartbeatsGoOnWhileThePeerAnswers) {
    with(
        echo,
        [](http::ClientWebSocketResponse socket) -> Coro<> {
            try {
                co_await socket.receive(60s);
                ADD_FAILURE();
            } catch (const TimeoutError&) {
            }
            EXPECT_FALSE(socket.closed());
            co_await socket.send_str("x");
            const std::string text = co_await socket.receive_str();
            EXPECT_EQ(text, "x");
            co_await socket.close();
        },
        [](http::WebSocketBuilder& builder) { builder.heartbeat(1s); });
    EXPECT_EQ(log, "closed 1000");
}

}  // namespace
}  // namespace aio::tests
