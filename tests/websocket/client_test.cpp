// SPDX-License-Identifier: MIT
// What a client sends, and what it makes of servers, in raw bytes.
#include "client/raw_server.hpp"
#include "support/ended.hpp"
#include "websocket/frames.hpp"

#include <aio/http.hpp>
#include <aio/websocket/handshake_impl.hpp>

#include <set>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientSession;
using http::ClientWebSocketResponse;
using http::WSServerHandshakeError;

class WebSocketClientTest : public ClientTest {
protected:
    WebSocketClientTest() { in_memory(); }

    /// The head that takes the last request for a WebSocket, without the empty line.
    static std::string accepting(const Received& request) {
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Accept: " +
               http::detail::websocket_accept(request.field("Sec-WebSocket-Key")) + "\r\n";
    }
    /// A server that accepts, sends `frames`, and reads what comes until the client closes.
    RawServer::Serve sending(std::string frames, std::string fields = {}) {
        return [this, frames, fields](Peer& peer) -> Coro<> {
            const bool there = co_await peer.request();
            EXPECT_TRUE(there);
            peer.send(accepting(peer.last()) + fields + "\r\n" + frames);
            const std::string rest = co_await peer.reader().read();
            frames_received = rest;
        };
    }
    std::string frames_received;
};

TEST_F(WebSocketClientTest, AsksForIt) {
    with(sending(""), [](ClientSession& session, RawServer& server) -> Coro<> {
        auto socket = co_await session.ws_connect("ws://127.0.0.1:8080/chat?a=b")
                          .protocol("v1")
                          .protocol("v2")
                          .origin("http://page")
                          .compress()
                          .header("X-Test", "1");
        const Received& request = server.last();
        EXPECT_EQ(request.line(), "GET /chat?a=b HTTP/1.1");
        EXPECT_EQ(request.field("Host"), "127.0.0.1:8080");
        EXPECT_EQ(request.field("Upgrade"), "websocket");
        EXPECT_EQ(request.field("Connection"), "Upgrade");
        EXPECT_EQ(request.field("Sec-WebSocket-Version"), "13");
        EXPECT_TRUE(http::detail::is_websocket_key(request.field("Sec-WebSocket-Key")));
        EXPECT_EQ(request.field("Sec-WebSocket-Protocol"), "v1, v2");
        EXPECT_EQ(request.field("Sec-WebSocket-Extensions"), "permessage-deflate; client_max_window_bits");
        EXPECT_EQ(request.field("Origin"), "http://page");
        EXPECT_EQ(request.field("X-Test"), "1");
        EXPECT_EQ(socket.protocol(), "");
        EXPECT_FALSE(socket.compresses());
        EXPECT_EQ(lent(session), 1U);
        socket = co_await session.ws_connect(server.url());
        EXPECT_FALSE(server.last().has("Sec-WebSocket-Extensions"));
        EXPECT_FALSE(server.last().has("Sec-WebSocket-Protocol"));
        EXPECT_EQ(lent(session), 1U) << "the first handle is gone";
    });
}

TEST_F(WebSocketClientTest, RefusesAnswersThatAreNone) {
    struct Answer {
        std::string head;
        std::string why;
    };
    const std::string good =
        "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: KEY\r\n";
    const std::string accept = "Sec-WebSocket-Accept: KEY\r\n";
    const std::vector<Answer> answers{
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "Invalid response status"},
        {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n", "Invalid response status"},
        {"HTTP/1.1 101 OK\r\nUpgrade: h2c\r\nConnection: upgrade\r\n" + accept, "Invalid upgrade header"},
        {"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: upgrade\r\n", "Invalid challenge response"},
        {"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: abc\r\n",
         "Invalid challenge response"},
        {good + "Sec-WebSocket-Protocol: other\r\n", "a subprotocol that was not offered"},
        {good + "Sec-WebSocket-Extensions: permessage-deflate\r\n", "extensions that were not offered"},
    };
    for (const Answer& answer : answers) {
        const auto serve = [&](Peer& peer) -> Coro<> {
            co_await peer.request();
            std::string head = answer.head;
            const std::size_t at = head.find("KEY");
            const std::string key = peer.last().field("Sec-WebSocket-Key");
            if (at != head.npos) head.replace(at, 3, http::detail::websocket_accept(key));
            peer.send(head + "\r\n");
            co_await peer.gone();
        };
        with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
            std::string caught;
            try {
                co_await session.ws_connect(server.url()).protocol("v1");
            } catch (const WSServerHandshakeError& e) {
                caught = e.message();
            }
            EXPECT_EQ(caught, answer.why);
            EXPECT_EQ(lent(session), 0U);
        });
    }
}

TEST_F(WebSocketClientTest, F99_FramesAreMaskedEachWithAKeyOfItsOwn) {
    constexpr int kFrames = 10'000;
    const auto send = [](ClientSession& session, RawServer& server) -> Coro<> {
        auto socket = co_await session.ws_connect(server.url());
        for (int i = 0; i < kFrames; ++i) co_await socket.send_str("the same");
        co_await socket.close();
    };
    with(sending(""), send);
    std::set<std::string> keys;
    std::set<std::string> seen;
    ASSERT_EQ(frames_received.size(), kFrames * std::size_t{14} + 8) << "and the goodbye";
    for (std::size_t at = 0; at + 14 < frames_received.size(); at += 14) {
        EXPECT_EQ(frames_received.substr(at, 2), "\x81\x88");
        keys.insert(frames_received.substr(at + 2, 4));
        seen.insert(frames_received.substr(at + 6, 8));
    }
    EXPECT_GT(keys.size(), 9'980U);
    EXPECT_GT(seen.size(), 9'980U);
}

TEST_F(WebSocketClientTest, AServerThatBreaksARule) {
    struct Case {
        std::string frames;
        int code;
    };
    for (const Case& one : {Case{frame(0x81, "a", true), 1002}, Case{frame(0x81, "\xFF"), 1007},
                            Case{RawFrame{.first = 0x82, .size = 5'000'000}.str(), 1009}}) {
        with(sending(one.frames), [&](ClientSession& session, RawServer& server) -> Coro<> {
            auto socket = co_await session.ws_connect(server.url());
            const WSMessage message = co_await socket.receive();
            EXPECT_EQ(message.type(), WSMsgType::error);
            EXPECT_EQ(message.code(), one.code);
            EXPECT_NE(message.data(), "");
            EXPECT_EQ(socket.close_code(), one.code);
            EXPECT_TRUE(socket.closed());
            EXPECT_EQ(lent(session), 0U) << "its place is free although somebody has the socket";
        });
        EXPECT_EQ(frames_received.substr(0, 2), "\x88\x82");
    }
}

// Nobody reads, so its goodbye stands behind all that.
TEST_F(WebSocketClientTest, F96_AGoodbyeBehindAThousandMessages) {
    std::string frames;
    for (int i = 0; i < 1000; ++i) frames += frame(0x82, std::string(100'000, 'x'));
    bool answers = true;
    const auto serve = [&](Peer& peer) -> Coro<> {
        co_await peer.request();
        peer.send(accepting(peer.last()) + "\r\n" + frames);
        const std::string goodbye = co_await peer.reader().readexactly(8);
        EXPECT_EQ(goodbye.substr(0, 2), "\x88\x82");
        if (answers) peer.send(frame(0x88, "\x03\xE8"));
        co_await peer.gone();
    };
    for (const bool said : {true, false}) {
        answers = said;
        with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
            auto socket = co_await session.ws_connect(server.url()).timeout(3s);
            const WSMessage message = co_await socket.receive();
            EXPECT_EQ(message.data().size(), 100'000U);
            const TimePoint begin = get_running_loop().time();
            const bool first = co_await socket.close();
            EXPECT_TRUE(first);
            EXPECT_EQ(socket.close_code(), said ? 1000 : 1006);
            EXPECT_LE(get_running_loop().time() - begin, 3s);
            if (!said) {
                EXPECT_EQ(get_running_loop().time() - begin, 3s);
            }
        });
    }
}

// Whoever does not read is not read from.
TEST_F(WebSocketClientTest, F97_PingsWithoutEndFromAServerThatReadsNothing) {
    const std::string ping = frame(0x89, std::string(125, 'p'));
    std::size_t sent = 0;
    const auto serve = [&](Peer& peer) -> Coro<> {
        co_await peer.request();
        peer.send(accepting(peer.last()) + "\r\n");
        std::string many;
        for (int i = 0; i < 1000; ++i) many += ping;
        const TimePoint end = get_running_loop().time() + 1s;
        while (get_running_loop().time() < end && sent < 100'000'000) {
            peer.writer().write(many);
            sent += many.size();
            try {
                co_await wait_for(peer.writer().drain(), 500ms);
            } catch (const TimeoutError&) {
                break;
            }
        }
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        auto socket = co_await session.ws_connect(server.url());
        try {
            co_await socket.receive(10s);
            ADD_FAILURE();
        } catch (const TimeoutError&) {
        }
        EXPECT_LT(sent, 4'000'000U);
        const bool said = co_await socket.close();
        EXPECT_TRUE(said);
        EXPECT_EQ(socket.close_code(), 1006);
    });
}

// The receiver waits for room for a pong when it is sent away.
TEST_F(WebSocketClientTest, ACloseSendsAReceiverAwayThatAnswersPings) {
    const auto serve = [&](Peer& peer) -> Coro<> {
        co_await peer.request();
        peer.send(accepting(peer.last()) + "\r\n");
        for (int i = 0; i < 5000; ++i) peer.writer().write(frame(0x89, std::string(125, 'p')));
        co_await sleep(1h);
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        auto socket = co_await session.ws_connect(server.url());
        const auto receives = [](http::WebSocket from) -> Coro<WSMessage> {
            co_return co_await from.receive();
        };
        auto first = create_task(receives, socket);
        co_await sleep(1s);
        EXPECT_FALSE(first.done());
        auto closing =
            create_task([](http::WebSocket to) -> Coro<bool> { co_return co_await to.close(); }, socket);
        auto closing_too =
            create_task([](http::WebSocket to) -> Coro<bool> { co_return co_await to.close(); }, socket);
        const WSMessage message = co_await first;
        EXPECT_EQ(message.type(), WSMsgType::closing);
        const bool one = co_await closing;
        const bool other = co_await closing_too;
        EXPECT_NE(one, other);
        EXPECT_EQ(socket.close_code(), 1006);
        co_await server.close();
    });
}

TEST_F(WebSocketClientTest, ACancelledCloseEndsTheConnection) {
    for (const bool receives : {false, true}) {
        with(sending(""), [&](ClientSession& session, RawServer& server) -> Coro<> {
            auto socket = co_await session.ws_connect(server.url());
            Task<> receiver;
            if (receives) {
                receiver =
                    create_task([](http::WebSocket from) -> Coro<> { co_await from.receive(); }, socket);
                co_await sleep(1ms);
            }
            auto closing = create_task([](http::WebSocket to) -> Coro<> { co_await to.close(); }, socket);
            co_await sleep(0s);
            closing.cancel();
            co_await ended(closing);
            EXPECT_TRUE(closing.cancelled());
            EXPECT_EQ(socket.close_code(), 1006);
            EXPECT_EQ(lent(session), 0U);
            co_await sleep(1ms);
            EXPECT_EQ(server.open(), 0);
            const WSMessage message = co_await socket.receive();
            EXPECT_EQ(message.type(), WSMsgType::closed);
            if (receives) co_await receiver;
        });
    }
}

// Control frames stand between the pieces of messages, wherever they come.
TEST_F(WebSocketClientTest, F97_PingsAndAGoodbyeWhileThreeTasksSend) {
    int pongs = 0;
    std::size_t bytes = 0;
    std::string end;
    const auto serve = [&](Peer& peer) -> Coro<> {
        co_await peer.request();
        peer.send(accepting(peer.last()) + "\r\n");
        http::detail::WebSocketParser parser(true, 2'000'000);
        for (int round = 0;; ++round) {
            if (round < 200) peer.send(frame(0x89, "p"));
            if (round == 200) peer.send(frame(0x88, "\x03\xE8"));
            const BytesView data = co_await peer.reader().fill(parser.wanted());
            if (data.size() < parser.wanted()) break;
            while (parser.parse(peer.reader().buffered())) {
                peer.reader().consume(parser.consumed());
                const WSMessage& message = parser.message();
                if (message.type() == WSMsgType::pong) ++pongs;
                if (message.type() == WSMsgType::binary) bytes += message.data().size();
                if (message.type() == WSMsgType::close) end = text_of(message);
            }
            peer.reader().consume(parser.consumed());
        }
    };
    with(serve, [](ClientSession& session, RawServer& server) -> Coro<> {
        auto socket = co_await session.ws_connect(server.url());
        const auto sends = [](http::WebSocket to) -> Coro<> {
            try {
                const std::string message(1'000'000, 'm');
                for (;;) co_await to.send_bytes(message);
            } catch (const ConnectionResetError&) {  // the server has said goodbye
            }
        };
        std::vector<Task<>> senders;
        for (int i = 0; i < 3; ++i) senders.push_back(create_task(sends, socket));
        const auto none = co_await socket.next();
        EXPECT_FALSE(none);
        for (auto& sender : senders) co_await sender;
        EXPECT_EQ(socket.close_code(), 1000);
        co_await sleep(1s);  // what was sent before has to arrive
    });
    EXPECT_EQ(pongs, 200);
    EXPECT_EQ(bytes % 1'000'000, 0U);
    EXPECT_EQ(end, "close 1000 ");
}

}  // namespace
}  // namespace aio::tests
