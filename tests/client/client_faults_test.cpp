// SPDX-License-Identifier: MIT
// Faults that other clients had (docs/faults.md), and the rules S176 and S177.
#include <client/raw_server.hpp>

#include <aio/http/compression.hpp>

#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;
using http::ContentCoding;

class ClientFaults : public ClientTest {
protected:
    static std::string coded(ContentCoding coding, std::string_view text) {
        std::string out;
        http::Compressor compressor(coding);
        compressor.compress(text, out);
        compressor.finish(out);
        return out;
    }
    static std::string chunks_of_one(std::string_view body) {
        std::string out;
        for (const char c : body) out += std::string("1\r\n") + c + "\r\n";
        return out + "0\r\n\r\n";
    }
    /// A server that answers the first `good` requests of a connection and then closes it without a word.
    static RawServer::Serve closing_after(int good, std::string body = "x") {
        return [good, body](Peer& peer) -> Coro<> {
            for (int i = 0; i < good; ++i) {
                const bool there = co_await peer.request();
                if (!there) co_return;
                peer.answer(body);
            }
            co_await peer.request();
        };
    }
};

TEST_F(ClientFaults, S176_a_response_that_is_left_early_costs_the_connection) {
    const auto serve = [](Peer& peer) -> Coro<> {
        while (true) {
            const bool there = co_await peer.request();
            if (!there) break;
            if (peer.last().target() == "/number") {
                peer.answer(std::to_string(peer.number()));
            } else {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\naaaaaaaaaa");
                co_await sleep(50ms);
                peer.send("bbbbbbbbbb");
            }
        }
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        {
            ClientResponse response = co_await session.get(server.url());
            EXPECT_EQ(clock().elapsed(), 0s);
            const std::string& body = co_await response.read();
            EXPECT_EQ(body.size(), 20u);
        }
        std::vector<std::string> numbers;
        for (int i = 0; i < 2; ++i) {
            ClientResponse response = co_await session.get(server.url("/number"));
            numbers.push_back(co_await response.text());
        }
        EXPECT_EQ(numbers[0], numbers[1]);
        {
            const ClientResponse left = co_await session.get(server.url());
        }
        ClientResponse response = co_await session.get(server.url("/number"));
        const std::string other = co_await response.text();
        EXPECT_NE(other, numbers[0]);
    });
}

TEST_F(ClientFaults, S177_requests_wait_for_a_place_in_order_and_within_their_time) {
    const auto serve = [](Peer& peer) -> Coro<> {
        while (true) {
            const bool there = co_await peer.request();
            if (!there) break;
            co_await sleep(30ms);
            peer.answer("ok");
        }
    };
    const auto connector = std::make_shared<http::TCPConnector>(http::ConnectorOptions().limit(1));
    with(http::SessionOptions().connector(connector), serve,
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             std::vector<int> order;
             const auto one = [](ClientSession& from, std::string url, std::vector<int>& done,
                                 int number) -> Coro<> {
                 ClientResponse response = co_await from.get(url);
                 co_await response.read();
                 done.push_back(number);
             };
             std::vector<Coro<>> requests;
             for (int i = 0; i < 3; ++i) requests.push_back(one(session, server.url(), order, i));
             co_await gather(std::move(requests));
             EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
             EXPECT_EQ(clock().elapsed(), 90ms);
             const auto ninth = create_task(one(session, server.url(), order, 9));
             co_await sleep(0s);
             co_await expect_thrown<TimeoutError>(session.get(server.url()).timeout(15ms));
             co_await ninth;
             EXPECT_EQ(order.back(), 9);
         });
}

TEST_F(ClientFaults, F86_a_connection_that_was_paused_is_good_for_the_next_request) {
    const std::string large(1'000'000, 'x');
    with(answering([large](const Received&) { return ok(large); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             for (int i = 0; i < 3; ++i) {
                 ClientResponse response = co_await session.get(server.url());
                 co_await sleep(1s);  // what comes fills the buffers, and the transport is paused
                 std::string first = co_await response.content().readexactly(900'000);
                 co_await sleep(1s);
                 first += co_await response.content().readexactly(100'000);
                 EXPECT_EQ(first, large);
                 const std::string rest = co_await response.content().read();
                 EXPECT_EQ(rest, "");
             }
             EXPECT_EQ(server.connections(), 1);
         });
}

TEST_F(ClientFaults, F88_a_cancelled_reader_closes_the_connection) {
    const auto serve = [](Peer& peer) -> Coro<> {
        while (true) {
            const bool there = co_await peer.request();
            if (!there) break;
            if (peer.last().target() != "/large") {
                peer.answer(peer.last().target());
                continue;
            }
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n");
            for (int i = 0; i < 100; ++i) {
                peer.send(std::string(100'000, 'x'));
                co_await peer.writer().drain();
                co_await sleep(1ms);
            }
        }
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        const auto read = [](ClientSession& from, std::string url) -> Coro<> {
            ClientResponse response = co_await from.get(url);
            while (auto chunk = co_await response.content().next_chunk()) {
            }
        };
        const auto read_all = [](ClientSession& from, std::string url) -> Coro<> {
            ClientResponse response = co_await from.get(url);
            co_await response.read();
        };
        for (int i = 1; i < 20; i += 3) {
            auto task = i % 2 ? create_task(read(session, server.url("/large")))
                              : create_task(read_all(session, server.url("/large")));
            co_await sleep(std::chrono::milliseconds(i));
            task.cancel();
            co_await as_result(task);
            EXPECT_EQ(lent(session), 0u);
            EXPECT_EQ(idle(session), 0u);
            const std::string id = "/id" + std::to_string(i);
            ClientResponse next = co_await session.get(server.url(id));
            const std::string text = co_await next.text();
            EXPECT_EQ(text, id);
            next = co_await session.get(server.url("/no/pool")).header("Connection", "close");
        }
    });
}

TEST_F(ClientFaults, F88_a_cancelled_read_of_the_whole_is_final) {
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse response = co_await session.get(server.url());
        co_await expect_thrown<TimeoutError>(wait_for(response.read(), 1s));
        EXPECT_TRUE(response.closed());
        co_await expect_thrown<http::ConnectionClosedError>(response.read());
    });
}

// --- compressed bodies ----------------------------------------------------------------------------

TEST_F(ClientFaults, F90_a_compressed_body_is_whole_or_an_error) {
    const std::string text = "some text that is coded, long enough to be worth it: " + std::string(500, 'z');
    for (const ContentCoding coding :
         {ContentCoding::gzip, ContentCoding::deflate, ContentCoding::br, ContentCoding::zstd}) {
        const std::string body = coded(coding, text);
        const std::string field = "Content-Encoding: " + std::string(http::coding_name(coding)) + "\r\n";
        const auto serve = answering([=](const Received& request) -> std::string {
            if (request.target() == "/chunks")
                return "HTTP/1.1 200 OK\r\n" + field + "Transfer-Encoding: chunked\r\n\r\n" +
                       chunks_of_one(body);
            if (request.target() == "/cut") return ok(body.substr(0, body.size() - 3), field);
            if (request.target() == "/garbage") return ok(body + "garbage!", field);
            if (request.line().starts_with("HEAD"))
                return "HTTP/1.1 200 OK\r\n" + field + "Content-Length: 9\r\n\r\n";
            return ok(body + body, field);
        });
        with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
            ClientResponse chunks = co_await session.get(server.url("/chunks"));
            const std::string whole = co_await chunks.text();
            EXPECT_EQ(whole, text);
            EXPECT_EQ(idle(session), 1u);
            for (const char* const path : {"/cut", "/garbage"}) {
                ClientResponse broken = co_await session.get(server.url(path));
                co_await expect_thrown<http::ClientPayloadError>(broken.text());
                EXPECT_EQ(lent(session), 0u);
            }
            ClientResponse head = co_await session.head(server.url());
            const std::string none = co_await head.text();
            EXPECT_EQ(none, "");
        });
    }
}

TEST_F(ClientFaults, F90_several_members_are_one_body) {
    for (const ContentCoding coding : {ContentCoding::gzip, ContentCoding::zstd}) {
        const std::string body = coded(coding, "one ") + coded(coding, "two");
        const std::string field = "Content-Encoding: " + std::string(http::coding_name(coding)) + "\r\n";
        with(answering([=](const Received&) { return ok(body, field); }),
             [&](ClientSession& session, RawServer& server) -> Coro<> {
                 ClientResponse response = co_await session.get(server.url());
                 const std::string text = co_await response.text();
                 EXPECT_EQ(text, "one two");
             });
    }
}

TEST_F(ClientFaults, F91_a_bomb_is_bounded) {
    std::string bomb;
    http::Compressor compressor(ContentCoding::gzip);
    const std::string zeros(1 << 20, '\0');
    for (int i = 0; i < 200; ++i) compressor.compress(zeros, bomb);
    compressor.finish(bomb);
    with(answering([bomb](const Received&) { return ok(bomb, "Content-Encoding: gzip\r\n"); }),
         [&](ClientSession& session, RawServer& server) -> Coro<> {
             ClientResponse limited = co_await session.get(server.url());
             co_await expect_thrown<LimitOverrunError>(limited.read(1 << 20));
             const http::DecompressorOptions limits = http::DecompressorOptions().max_size(1 << 20);
             ClientResponse strict = co_await session.get(server.url()).decompress_limits(limits);
             co_await expect_thrown<http::ClientPayloadError>(strict.read());
             // What streams is never large, and others go on meanwhile.
             ClientResponse streamed = co_await session.get(server.url());
             int turns = 0;
             const auto tick = [](int& count) -> Coro<> {
                 for (;; ++count) co_await sleep(0s);
             };
             auto ticker = create_task(tick(turns));
             std::size_t all = 0;
             while (auto chunk = co_await streamed.content().next_chunk()) {
                 EXPECT_LE(chunk->size(), 64u * 1024);
                 all += chunk->size();
             }
             ticker.cancel();
             EXPECT_EQ(all, 200u << 20);
             EXPECT_GT(turns, 100);
         });
}

// --- connections that die -------------------------------------------------------------------------

TEST_F(ClientFaults, F92_an_idempotent_request_on_a_connection_that_died_is_sent_again) {
    with(closing_after(1), [&](ClientSession& session, RawServer& server) -> Coro<> {
        for (int i = 0; i < 5; ++i) {
            ClientResponse response = co_await session.get(server.url());
            const std::string text = co_await response.text();
            EXPECT_EQ(text, "x");
        }
        EXPECT_EQ(server.received().size(), 9u);  // all but the first came twice
        EXPECT_EQ(server.connections(), 5);
    });
}

TEST_F(ClientFaults, F92_a_post_is_not_sent_again) {
    with(closing_after(1), [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse first = co_await session.post(server.url()).data("a");
        const std::string text = co_await first.text();
        EXPECT_EQ(text, "x");
        co_await expect_thrown<http::ServerDisconnectedError>(session.post(server.url()).data("b"));
        EXPECT_EQ(server.received().size(), 2u);
    });
}

TEST_F(ClientFaults, F92_it_is_sent_again_once) {
    const auto serve = [](Peer& peer) -> Coro<> {
        if (peer.number() == 0) {
            co_await peer.request();
            peer.answer("x");
        }
        co_await peer.request();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.get(server.url());
        co_await expect_thrown<http::ServerDisconnectedError>(session.get(server.url()));
        EXPECT_EQ(server.received().size(), 3u);
        // A new connection is no reason to try again.
        co_await expect_thrown<http::ServerDisconnectedError>(session.get(server.url()));
        EXPECT_EQ(server.received().size(), 4u);
    });
}

TEST_F(ClientFaults, F92_what_was_answered_in_part_is_not_sent_again) {
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.request();
        peer.answer("x");
        co_await peer.request();
        peer.send("HTTP/1.1 100 Continue\r\n\r\n");
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        co_await session.get(server.url());
        co_await expect_thrown<http::ServerDisconnectedError>(session.get(server.url()));
        EXPECT_EQ(server.received().size(), 2u);
    });
}

TEST_F(ClientFaults, F92_bytes_on_an_idle_connection_are_no_answer) {
    const auto serve = [](Peer& peer) -> Coro<> {
        const bool there = co_await peer.request();
        if (!there) co_return;
        peer.answer(std::to_string(peer.number()));
        co_await sleep(1s);
        peer.answer("", "HTTP/1.1 408 Request Timeout\r\n");
        co_await peer.gone();
    };
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        ClientResponse first = co_await session.get(server.url());
        const std::string zero = co_await first.text();
        EXPECT_EQ(zero, "0");
        co_await sleep(2s);
        ClientResponse second = co_await session.get(server.url());
        EXPECT_EQ(second.status(), 200);
        const std::string one = co_await second.text();
        EXPECT_EQ(one, "1");
    });
}

// A clock that stands still as long as data is there would never let the limit come.
class ClientFloods : public ::testing::Test {};

TEST_F(ClientFloods, F93_a_limit_holds_while_data_is_always_there) {
    const auto serve = [](Peer& peer) -> Coro<> {
        co_await peer.request();
        peer.send("HTTP/1.1 200 OK\r\n\r\n");
        const std::string flood(1 << 20, 'x');
        for (;;) {
            peer.send(flood);
            co_await peer.writer().drain();
        }
    };
    aio::run([](RawServer::Serve flooding) -> Coro<> {
        auto server = co_await RawServer::start(std::move(flooding));
        ClientSession session;
        const auto read = [](ClientSession& from, std::string url) -> Coro<> {
            ClientResponse response = co_await from.get(url).timeout(300ms);
            while (auto chunk = co_await response.content().next_chunk()) {
            }
        };
        const auto begin = std::chrono::steady_clock::now();
        const std::string what = co_await expect_thrown<TimeoutError>(read(session, server->url()));
        const auto took = std::chrono::steady_clock::now() - begin;
        EXPECT_GE(took, 300ms);
        EXPECT_LT(took, 30s);  // it would never end
        co_await session.close();
        co_await server->close();
    }(serve));
}

}  // namespace
}  // namespace aio::tests
