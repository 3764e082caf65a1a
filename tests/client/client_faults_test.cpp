// SPDX-License-Identifier: MIT
// Faults that other clients had (docs/faults.md), and the rules S176 and S177.
#include <client/raw_server.hpp>

#include <random>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;

class ClientFaults : public ClientTest {
protected:
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
    in_memory();
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
    in_memory(http::ConnectorOptions().limit(1));
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
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

class AbandonedBodies : public ClientFaults {
protected:
    /// "/large" has ten megabytes, which come in pieces; all else tells what was asked for.
    static Coro<> site(Peer& peer) {
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
    }
    /// The connection is closed, its place is free, and the next answer is that of the next request.
    static Coro<> expect_sound(ClientSession& session, RawServer& server, int number) {
        EXPECT_EQ(lent(session), 0u);
        EXPECT_EQ(idle(session), 0u);
        const std::string id = "/id" + std::to_string(number);
        ClientResponse next = co_await session.get(server.url(id)).header("Connection", "close");
        const std::string text = co_await next.text();
        EXPECT_EQ(text, id);
        while (server.open() > 0) co_await sleep(1ms);
    }
    static Coro<> read_chunks(ClientSession& session, std::string url, int& count) {
        ClientResponse response = co_await session.get(url);
        while (auto chunk = co_await response.content().next_chunk()) ++count;
    }
    static Coro<> read_all(ClientSession& session, std::string url) {
        ClientResponse response = co_await session.get(url);
        co_await response.read();
    }
};

TEST_F(AbandonedBodies, F88_a_cancelled_reader_closes_the_connection) {
    with(site, [&](ClientSession& session, RawServer& server) -> Coro<> {
        for (int chunks = 0; chunks < 60; chunks += chunks < 10 ? 1 : 10) {
            int count = 0;
            auto task = create_task(read_chunks(session, server.url("/large"), count));
            while (count < chunks && !task.done()) co_await sleep(100us);
            task.cancel();
            co_await as_result(task);
            EXPECT_TRUE(task.cancelled());
            co_await expect_sound(session, server, chunks);
        }
        for (int i = 1; i < 20; i += 3) {
            auto task = create_task(read_all(session, server.url("/large")));
            co_await sleep(std::chrono::milliseconds(i));
            task.cancel();
            co_await as_result(task);
            co_await expect_sound(session, server, i);
        }
    });
}

TEST_F(AbandonedBodies, F88_so_does_who_leaves_early) {
    with(site, [&](ClientSession& session, RawServer& server) -> Coro<> {
        for (int chunks = 0; chunks < 10; ++chunks) {
            {
                ClientResponse response = co_await session.get(server.url("/large"));
                for (int i = 0; i < chunks; ++i) {
                    const auto chunk = co_await response.content().next_chunk(10'000);
                    EXPECT_TRUE(chunk);
                }
            }
            co_await expect_sound(session, server, chunks);
            auto request = session.get(server.url("/large"));
            const auto take = [chunks](ClientResponse& response) -> Coro<> {
                for (int i = 0; i < chunks; ++i) co_await response.content().readany();
            };
            co_await async_with(std::move(request), take);
            co_await expect_sound(session, server, chunks);
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

// A server that closes what is idle for a second, and requests that come about then: each is answered once at
// most, and GETs once exactly. Bytes are on their way for 300 us, so what crosses what follows from the
// times.
TEST_F(ClientFaults, F92_requests_that_cross_the_end_of_a_connection) {
    const auto serve = [](Peer& peer) -> Coro<> {
        while (true) {
            bool there = false;
            try {
                there = co_await wait_for(peer.head(), 1s);
            } catch (const TimeoutError&) {
            }
            if (!there) break;
            co_await peer.body();
            peer.answer(peer.last().target());
        }
    };
    in_memory(http::ConnectorOptions(), testing::MemoryPipeOptions().latency(300us));
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        std::mt19937 random(92);
        int failed = 0;
        int again = 0;
        for (int round = 0; round < 2000; ++round) {
            const bool post = random() % 2 != 0;
            const std::string target = "/" + std::to_string(round);
            const auto before = server.received().size();
            const int connections = server.connections();
            bool answered = false;
            try {
                ClientResponse response = co_await session.request(post ? "POST" : "GET", server.url(target));
                const std::string text = co_await response.text();
                EXPECT_EQ(text, target);
                answered = true;
            } catch (const http::ClientConnectionError&) {
                EXPECT_TRUE(post);
                ++failed;
            }
            EXPECT_EQ(server.received().size(), before + (answered ? 1 : 0));
            again += server.connections() > connections ? 1 : 0;
            co_await sleep(1s - 600us + std::chrono::microseconds(random() % 2000) - 1ms);
        }
        // All of it has happened: requests that came in time, too late, and when it was known already.
        EXPECT_GT(failed, 50);
        EXPECT_GT(again, 300);
        EXPECT_LT(again, 1700);
    });
}

}  // namespace
}  // namespace aio::tests
