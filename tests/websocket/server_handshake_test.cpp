// SPDX-License-Identifier: MIT
// What a server answers to those who ask for a WebSocket, in raw bytes.
#include "web/web_test.hpp"
#include "websocket/frames.hpp"

#include <string>
#include <vector>

namespace aio::tests {
namespace {

using web::Request;
using web::Response;

struct Asked {
    std::string method = "GET";
    std::string version = "HTTP/1.1";
    std::string upgrade = "Upgrade: websocket\r\n";
    std::string connection = "Connection: keep-alive, Upgrade\r\n";
    std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    std::string number = "Sec-WebSocket-Version: 13\r\n";
    std::string more = {};

    std::string str() const {
        return method + " / " + version + "\r\nHost: example.org\r\n" + upgrade + connection + key + number +
               more + "\r\n";
    }
};

class WebSocketServerTest : public ::testing::Test, public testing::LoopTest {
protected:
    void TearDown() override { EXPECT_EQ(reports(), std::vector<std::string>()); }

    static Coro<Response> accept(web::WebSocketOptions options, Request& request) {
        auto socket = co_await web::accept_websocket(request, options);
        co_await socket.close();
        co_return socket;
    }
    /// The head that answers.
    std::string answer(const Asked& asked, web::WebSocketOptions options = web::WebSocketOptions()) {
        std::string head;
        run([&]() -> Coro<> {
            const web::Server server{web::Handler(accept, options)};
            const RawClient client(server);
            client.send(asked.str());
            head = co_await client.head();
            client.writer.transport().abort();
            co_await sleep(1ms);
        });
        return without_common(head);
    }
    static std::string status(const std::string& head) { return head.substr(9, 3); }
};

TEST_F(WebSocketServerTest, SwitchesProtocols) {
    EXPECT_EQ(answer(Asked()),
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    EXPECT_EQ(
        answer({.upgrade = "upgrade: WebSocket\r\n", .connection = "connection: upgrade\r\n"}).substr(9, 3),
        "101");
}

TEST_F(WebSocketServerTest, NegotiatesExtensionsAndProtocols) {
    const Asked asked{.more =
                          "Sec-WebSocket-Extensions: foo\r\nSec-WebSocket-Protocol: v9\r\n"
                          "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
                          "Sec-WebSocket-Protocol: v2, v1\r\n"};
    std::string head = answer(asked, web::WebSocketOptions().protocol("v1").protocol("v2"));
    EXPECT_NE(head.find("\r\nSec-WebSocket-Protocol: v2\r\n"), head.npos) << head;
    EXPECT_NE(head.find("\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"), head.npos) << head;
    head = answer(asked, web::WebSocketOptions().compress(false));
    EXPECT_EQ(head.find("Sec-WebSocket-Protocol"), head.npos) << head;
    EXPECT_EQ(head.find("Sec-WebSocket-Extensions"), head.npos) << head;
}

TEST_F(WebSocketServerTest, RefusesWhatIsNoHandshake) {
    EXPECT_EQ(status(answer({.method = "POST"})), "400");
    EXPECT_EQ(status(answer({.version = "HTTP/1.0"})), "400");
    EXPECT_EQ(status(answer({.upgrade = ""})), "400");
    EXPECT_EQ(status(answer({.upgrade = "Upgrade: h2c\r\n"})), "400");
    EXPECT_EQ(status(answer({.connection = ""})), "400");
    EXPECT_EQ(status(answer({.connection = "Connection: close\r\n"})), "400");
    EXPECT_EQ(status(answer({.key = ""})), "400");
    EXPECT_EQ(status(answer({.key = "Sec-WebSocket-Key: short\r\n"})), "400");
    EXPECT_EQ(status(answer({.key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"})),
              "400");
    EXPECT_EQ(status(answer({.more = "Content-Length: 2\r\n"})), "400");
    EXPECT_EQ(status(answer({.more = "Transfer-Encoding: chunked\r\n"})), "400");
    for (const std::string number : {"", "Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version: 14\r\n"}) {
        const std::string head = answer({.number = number});
        EXPECT_EQ(status(head), "426");
        EXPECT_NE(head.find("\r\nSec-WebSocket-Version: 13\r\n"), head.npos) << head;
    }
}

// The user's cookies come with it, wherever the script is from: cross-site WebSocket hijacking.
TEST_F(WebSocketServerTest, PagesOfOtherOriginsAreRefused) {
    const auto from = [](const std::string& origin) { return Asked{.more = "Origin: " + origin + "\r\n"}; };
    EXPECT_EQ(status(answer(from("http://example.org"))), "101");
    EXPECT_EQ(status(answer(from("https://EXAMPLE.org"))), "101");
    for (const char* other :
         {"https://evil.example", "http://example.org.evil.example", "http://example.org:8080", "null",
          "example.org", "http://", "http://evil.example/http://example.org"}) {
        EXPECT_EQ(status(answer(from(other))), "403") << other;
        EXPECT_EQ(status(answer(from(other), web::WebSocketOptions().origin("*"))), "101") << other;
    }
    const auto allows = web::WebSocketOptions().origin("https://app.example").origin("https://b.example");
    EXPECT_EQ(status(answer(from("https://app.example"), allows)), "101");
    EXPECT_EQ(status(answer(from("https://b.example"), allows)), "101");
    EXPECT_EQ(status(answer(from("http://app.example"), allows)), "403");
    EXPECT_EQ(status(answer(from("http://example.org"), allows)), "101");
}

TEST_F(WebSocketServerTest, TellsWhetherItCanBePrepared) {
    std::string told;
    const auto asks = [&](Request& request) -> Coro<Response> {
        const web::WebSocketResponse socket(web::WebSocketOptions().protocol("chat"));
        const web::WebSocketReady ready = socket.can_prepare(request);
        told += ready ? "yes " + ready.protocol.value_or("-") : "no";
        EXPECT_THROW(socket.closed() ? void() : void(socket.get_extra_info("peername")), RuntimeError);
        co_return Response();
    };
    run([&]() -> Coro<> {
        for (const Asked& asked :
             {Asked(), Asked{.more = "Sec-WebSocket-Protocol: chat\r\n"}, Asked{.key = ""}}) {
            co_await talk(web::Handler(asks), asked.str());
            told += "; ";
        }
    });
    EXPECT_EQ(told, "yes -; yes chat; no; ");
}

/// What a server sends after the head, to frames that come with the handshake or behind it, until it closes.
class WebSocketFramesTest : public WebSocketServerTest {
protected:
    std::string echoed(const std::string& frames) {
        std::string rest;
        code = 0;
        const auto echo = [this](Request& request) -> Coro<Response> {
            auto socket = co_await web::accept_websocket(request, web::WebSocketOptions().max_msg_size(1000));
            while (const auto message = co_await socket.next()) {
                if (message->type() == WSMsgType::error) break;
                co_await socket.send_str(message->data());
            }
            code = socket.close_code().value_or(0);
            co_return socket;
        };
        run([&]() -> Coro<> {
            const web::Server server{web::Handler(echo)};
            const RawClient client(server);
            client.send(Asked().str() + frames);
            const std::string head = co_await client.head();
            EXPECT_EQ(status(head), "101");
            rest = co_await client.rest();
            client.writer.close();
            co_await sleep(20s);
            EXPECT_EQ(server.connections(), 0U);
        });
        return rest;
    }
    static std::string goodbye(int number) {
        return frame(0x88, std::string{static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)});
    }
    int code = 0;
};

TEST_F(WebSocketFramesTest, FramesMayComeWithTheHandshake) {
    EXPECT_EQ(echoed(frame(0x81, "a", true) + frame(0x89, "p", true) + frame(0x01, "b", true) +
                     frame(0x80, "c", true) + frame(0x88, "\x0F\xA0", true)),
              frame(0x81, "a") + frame(0x8A, "p") + frame(0x81, "bc") + goodbye(4000));
    EXPECT_EQ(code, 4000);
    EXPECT_EQ(echoed(frame(0x88, "", true)), frame(0x88, ""));
    EXPECT_EQ(code, 1005);
}

// The code arrives although more is on its way.
TEST_F(WebSocketFramesTest, WhoBreaksARuleIsToldWhich) {
    const std::string more(3000, 'x');
    EXPECT_EQ(echoed(frame(0x81, "a")), goodbye(1002));
    EXPECT_EQ(code, 1002);
    EXPECT_EQ(echoed(frame(0x83, "a", true) + more), goodbye(1002));
    EXPECT_EQ(echoed(frame(0xC1, "a", true) + more), goodbye(1002));
    EXPECT_EQ(echoed(frame(0x81, "\xFF", true) + more), goodbye(1007));
    EXPECT_EQ(code, 1007);
    EXPECT_EQ(echoed(frame(0x82, std::string(1001, 'x'), true) + more), goodbye(1009));
    EXPECT_EQ(code, 1009);
    EXPECT_EQ(echoed(frame(0x88, "\x03\xED", true)), goodbye(1002));
}

}  // namespace
}  // namespace aio::tests
