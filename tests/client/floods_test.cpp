// SPDX-License-Identifier: MIT
// Too much at once: requests that are given up again (F87), servers that send faster than anybody reads
// (F93).
#include <client/raw_server.hpp>
#include <support/sanitized.hpp>

#include <aio/http/compression.hpp>

#include <time.h>
#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using http::ClientResponse;
using http::ClientSession;

// Two hundred that ask again and again, and give up whenever it comes to their minds.
class ImpatientClients : public ClientTest {
protected:
    struct Crowd {
        std::mt19937 random{87};
        std::size_t most = 0;
        int answered = 0;
        int cancelled = 0;
    };
    static Coro<> ask(ClientSession& session, std::string url, Crowd& crowd) {
        ClientResponse response = co_await session.get(url);
        co_await response.read();
        ++crowd.answered;
    }
    static Coro<> ask_and_give_up(ClientSession& session, RawServer& server, Crowd& crowd, TimePoint end) {
        while (get_running_loop().time() < end) {
            const auto request = create_task(ask(session, server.url(), crowd));
            co_await sleep(std::chrono::microseconds(crowd.random() % 20'000));
            crowd.most = std::max(crowd.most, lent(session) + idle(session));
            request.cancel();
            co_await as_result(request);
            if (request.cancelled()) ++crowd.cancelled;
        }
    }
    static Coro<> note(ClientSession& session, std::string url, std::vector<int>& rounds, int round) {
        ClientResponse response = co_await session.get(url);
        co_await response.read();
        rounds.push_back(round);
    }
};

TEST_F(ImpatientClients, F87_use_up_no_place) {
    const auto serve = [](Peer& peer) -> Coro<> {
        while (true) {
            const bool there = co_await peer.request();
            if (!there) break;
            co_await sleep(1ms);
            peer.answer("ok");
        }
    };
    in_memory(http::ConnectorOptions().limit(10), testing::MemoryPipeOptions().latency(100us));
    with(serve, [&](ClientSession& session, RawServer& server) -> Coro<> {
        Crowd crowd;
        const TimePoint end = loop().time() + (kSanitized ? 500ms : 2s);
        std::vector<Coro<>> all;
        for (int i = 0; i < 200; ++i) all.push_back(ask_and_give_up(session, server, crowd, end));
        co_await gather(std::move(all));
        EXPECT_GT(crowd.answered, 100);
        EXPECT_GT(crowd.cancelled, 100);
        EXPECT_EQ(lent(session), 0u);
        co_await sleep(1s);
        EXPECT_EQ(server.open(), static_cast<int>(idle(session)));
        const TimePoint begin = loop().time();
        std::vector<int> rounds;  // who asks first is served first; the ten of a round are ready at once
        std::vector<Coro<>> plain;
        for (int i = 0; i < 30; ++i) plain.push_back(note(session, server.url(), rounds, i / 10));
        co_await gather(std::move(plain));
        EXPECT_LE(loop().time() - begin, 10ms);
        EXPECT_TRUE(std::is_sorted(rounds.begin(), rounds.end()));
        EXPECT_EQ(rounds.size(), 30u);
        EXPECT_EQ(crowd.most, 10u);
    });
}

// A clock that stands still as long as data is there would never let the limit come.
class ClientFloods : public ::testing::Test {
protected:
    /// What the thread has worked so far.
    static Duration worked() {
        timespec time{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    }
    static Coro<> tick(Duration& longest) {
        for (Duration before = worked();;) {
            co_await sleep(10ms);
            const Duration now = worked();
            longest = std::max(longest, now - std::exchange(before, now));
        }
    }
    static Coro<> read(ClientSession& session, std::string url, Duration total) {
        ClientResponse response = co_await session.get(url).timeout(total);
        while (true) {
            const std::string piece = co_await response.content().readany();
            if (piece.empty()) break;
        }
    }
    /// A server that sends the head, and then the same again and again.
    static void flood(std::string head, std::string piece, Duration total) {
        const auto serve = [head, piece](Peer& peer) -> Coro<> {
            co_await peer.request();
            peer.send(head);
            for (;;) {
                peer.send(piece);
                co_await peer.writer().drain();
                co_await sleep(0s);  // the kernel may take all of it at once
            }
        };
        aio::run(&ClientFloods::expect_limit, RawServer::Serve(serve), total);
    }
    static Coro<> expect_limit(RawServer::Serve flooding, Duration total) {
        auto server = co_await RawServer::start(std::move(flooding));
        ClientSession session;
        Duration longest{};
        auto ticker = create_task(tick(longest));
        const auto begin = std::chrono::steady_clock::now();
        co_await expect_thrown<TimeoutError>(read(session, server->url(), total));
        const auto took = std::chrono::steady_clock::now() - begin;
        ticker.cancel();
        EXPECT_GE(took, total);
        EXPECT_LT(took, 30s);  // it would never end
        EXPECT_GT(longest, Duration::zero()) << "nobody else had a turn";
        EXPECT_LT(longest, kSlow ? 1s : 100ms) << "others had to wait for so much work";
        co_await session.close();
        co_await server->close();
    }
};

TEST_F(ClientFloods, F93_a_limit_holds_while_data_is_always_there) {
    flood("HTTP/1.1 200 OK\r\n\r\n", std::string(1 << 20, 'x'), 1s);
}

TEST_F(ClientFloods, F93_while_chunks_are) {
    std::string chunks;
    for (int i = 0; i < 10'000; ++i) chunks += "1\r\nx\r\n";
    flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunks, 300ms);
}

TEST_F(ClientFloods, F93_while_little_becomes_much) {
    std::string member;
    http::Compressor compressor(http::ContentCoding::gzip);
    compressor.compress(std::string(1 << 20, '\0'), member);
    compressor.finish(member);
    std::string members;
    for (int i = 0; i < 64; ++i) members += member;
    flood("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", members, 300ms);
}

}  // namespace
}  // namespace aio::tests
