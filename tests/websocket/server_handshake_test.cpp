// SPDX-License-Identifier: MIT
// What a server answers to those who ask for a WebSocket, in raw bytes.
#include "web/web_test.hpp"
#include "websocket/frames.hpp"

#include <aio/websocket/deflate_impl.hpp>

#include <optional>
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

/// What the frames are by which a server sends the same message in so many ways, with a window that the
/// extension's offer says; a client that keeps all of it in mind reads them.
class WebSocketCompressTest : public WebSocketServerTest {
protected:
    struct Seen {
        bool compressed;
        std::size_t size;
    };
    static Coro<Response> send(const std::vector<std::optional<int>>& ways, const std::string& text,
                               Request& request) {
        auto socket = co_await web::accept_websocket(request);
        for (const auto& way : ways) co_await socket.send_str(text, way);
        co_await socket.close();
        co_return socket;
    }
    std::vector<Seen> seen(const std::vector<std::optional<int>>& ways, const std::string& text,
                           const std::string& offer) {
        std::vector<Seen> all;
        run([&]() -> Coro<> {
            const web::Server server{
                web::Handler([&](Request& request) { return send(ways, text, request); })};
            const RawClient client(server);
            client.send(Asked{.more = offer}.str());
            co_await client.head();
            http::detail::MessageInflater inflater(15, true);
            for (std::size_t i = 0; i < ways.size(); ++i) {
                std::string head = co_await client.exactly(2);
                if (head[1] == 126) {
                    const std::string more = co_await client.exactly(2);
                    head += more;
                }
                const auto at = [&](std::size_t n) { return static_cast<unsigned char>(head[n]); };
                const std::size_t size = head.size() == 2 ? at(1) : std::size_t{at(2)} << 8 | at(3);
                std::string payload = co_await client.exactly(size);
                all.push_back({at(0) == 0xC1, size});
                if (at(0) == 0xC1) payload = inflated(inflater, payload);
                EXPECT_EQ(payload, text) << i;
            }
            client.writer.transport().abort();
            co_await sleep(1ms);
        });
        return all;
    }
    static std::string inflated(http::detail::MessageInflater& inflater, std::string_view coded) {
        std::string text;
        inflater.inflate(coded, text, 10'000);
        inflater.finish(text, 10'000);
        return text;
    }
};

TEST_F(WebSocketCompressTest, AMessageMayBeApartFromTheOthers) {
    std::string text;
    for (int i = 0; i < 300; ++i) text += std::to_string(i * i);
    const std::string offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    const auto frames = seen({{}, {}, 0, {}, 15, {}, {}, 9, 9, {}}, text, offer);
    const std::vector<int> kinds{'f', 's', 'p', 's', 'f', 'f', 's', 'F', 'F', 'f'};
    ASSERT_EQ(frames.size(), kinds.size());
    const std::size_t first = frames[0].size;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        EXPECT_EQ(frames[i].compressed, kinds[i] != 'p') << i;
        if (kinds[i] == 'p') {
            EXPECT_EQ(frames[i].size, text.size()) << i;
        } else if (kinds[i] == 's') {  // it is short for it refers to the one before
            EXPECT_LT(frames[i].size, first / 10) << i;
        } else if (kinds[i] == 'f') {
            EXPECT_EQ(frames[i].size, first) << i;
        } else {
            EXPECT_NE(frames[i].size, first) << i;
        }
    }
}

TEST_F(WebSocketCompressTest, AWindowIsNoLargerThanAgreedAndUsedOnlyWhereAgreed) {
    const std::string text = [] {
        std::string made;
        for (int i = 0; i < 900; ++i) made += std::to_string(i % 300 * i % 300);
        return made;
    }();
    const auto small =
        seen({{}, 15, 9}, text, "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n");
    EXPECT_EQ(small.at(1).size, small.at(2).size);
    for (const Seen& one : seen({{}, 15, 9, 0}, text, "")) {
        EXPECT_FALSE(one.compressed);
        EXPECT_EQ(one.size, text.size());
    }
}

}  // namespace
}  // namespace aio::tests
