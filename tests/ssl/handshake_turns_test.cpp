// SPDX-License-Identifier: MIT
// Crowds that shake hands at the same time.
#include <ssl/ssl_support.hpp>

#include <aio/ssl/handshake_turns_impl.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using ssl::detail::HandshakeTurns;

constexpr std::size_t kCrowd = 8;

class HandshakeTurnsTest : public SslTest {
protected:
    HandshakeTurnsTest() {
        HandshakeTurns::share = 0ns;  // one of an iteration, and one more for each poll
        for (std::size_t i = 0; i < kCrowd; ++i) pipes.emplace_back(MemoryPipeOptions().latency(10ms));
        server->set_sni_callback([this](auto&, const auto&, auto&) {
            polls_at_greetings.push_back(polls);
            return 0;
        });
        loop().set_poll_hooks([](void* count) { ++*static_cast<unsigned*>(count); }, [](void*) {}, &polls);
    }
    ~HandshakeTurnsTest() override {
        HandshakeTurns::share = usual_share;
        loop().set_poll_hooks(nullptr, nullptr, nullptr);
    }

    /// Streams over the first end of each pipe; at the second there is a server, each of which says in `ends`
    /// what came of its client.
    std::vector<StreamPair> crowd() {
        std::vector<StreamPair> clients;
        for (const MemoryPipe& pipe : pipes) {
            server_end(pipe, [this](StreamReader r, StreamWriter w) {
                return create_task(serve_one(server, ends, message_size, std::move(r), std::move(w)));
            });
            clients.push_back(client_end(pipe));
        }
        return clients;
    }
    // May end after the test has.
    static Coro<> serve_one(std::shared_ptr<ssl::Context> context,
                            std::shared_ptr<std::vector<std::string>> ends, std::size_t size,
                            StreamReader reader, StreamWriter writer) {
        const auto shaken = co_await as_result(writer.start_tls(context));
        if (shaken.has_value()) {
            const std::string message = co_await reader.readexactly(size);
            const auto rest = co_await as_result(reader.read());
            ends->push_back(rest.raised<ssl::SSLEOFError>() ? "all" : "something else");
        } else {
            ends->push_back(text_of(shaken.exception()));
        }
        writer.transport().abort();
    }
    /// Ends as a crash does: what was sent arrives, then the end of file.
    Coro<> talk(StreamPair streams, MemoryPipe pipe) {
        co_await streams.second.start_tls(client, StartTlsOptions().server_hostname("localhost"));
        streams.second.write(std::string(message_size, 'x'));
        co_await streams.second.drain();
        while (streams.second.transport().get_write_buffer_size() > 0) co_await sleep(0s);
        pipe.shut_down(End::first);
    }
    Coro<> all_talk(std::vector<StreamPair> clients) {
        std::vector<Coro<>> talks;
        for (std::size_t i = 0; i < kCrowd; ++i) talks.push_back(talk(clients[i], pipes[i]));
        co_await gather(std::move(talks));
        while (ends->size() < kCrowd) co_await sleep(1ms);
        for (const StreamPair& streams : clients) streams.second.transport().abort();
        co_await settle();
    }

    const std::chrono::nanoseconds usual_share = HandshakeTurns::share;
    std::deque<MemoryPipe> pipes;
    std::shared_ptr<std::vector<std::string>> ends = std::make_shared<std::vector<std::string>>();
    std::size_t message_size = 200'000;
    std::vector<unsigned> polls_at_greetings;
    unsigned polls = 0;
};

// All greetings arrive at the same time. What else is ready has its turn between any two.
TEST_F(HandshakeTurnsTest, TheLoopPollsBetweenTwoOfACrowd) {
    run([&]() -> Coro<> {
        auto clients = crowd();
        co_await turns(3);
        co_await all_talk(clients);
        EXPECT_EQ(std::set(polls_at_greetings.begin(), polls_at_greetings.end()).size(), kCrowd);
        EXPECT_EQ(*ends, std::vector<std::string>(kCrowd, "all")) << "nothing is lost on the way";
    });
}

TEST_F(HandshakeTurnsTest, WhatIsShortSharesAnIteration) {
    HandshakeTurns::share = 1h;
    run([&]() -> Coro<> {
        auto clients = crowd();
        co_await turns(3);
        co_await all_talk(clients);
        EXPECT_EQ(std::set(polls_at_greetings.begin(), polls_at_greetings.end()).size(), 1u);
    });
}

// It is told with the end of the handshake that it came behind.
TEST_F(HandshakeTurnsTest, AnEndOfFileWaitsForWhatCameBefore) {
    message_size = 3;
    run([&]() -> Coro<> {
        auto clients = crowd();
        co_await turns(3);
        co_await all_talk(clients);
        EXPECT_EQ(*ends, std::vector<std::string>(kCrowd, "all"));
    });
}

// Nobody waits for who is gone.
TEST_F(HandshakeTurnsTest, AnEndOfFileEndsAHandshakeThatWaits) {
    run([&]() -> Coro<> {
        auto clients = crowd();
        co_await turns(3);
        for (std::size_t i = 0; i < kCrowd; ++i) {
            clients[i].second.write("\x16\x03\x01");  // the beginning of a greeting
            clients[i].second.write_eof();
        }
        while (ends->size() < kCrowd) co_await sleep(1ms);
        for (const std::string& end : *ends) EXPECT_NE(end.find("during the handshake"), std::string::npos);
    });
}

// Whoever gives up while he waits leaves the others their turns.
TEST_F(HandshakeTurnsTest, WhoIsCancelledLeavesTheLine) {
    run([&]() -> Coro<> {
        auto clients = crowd();
        co_await turns(3);
        std::vector<Task<>> tasks;
        for (std::size_t i = 0; i < kCrowd; ++i) tasks.push_back(create_task(talk(clients[i], pipes[i])));
        co_await turns(2);  // some have greeted by now
        for (std::size_t i = 0; i < kCrowd; i += 2) tasks[i].cancel();
        while (ends->size() < kCrowd) co_await sleep(1ms);
        EXPECT_EQ(std::count(ends->begin(), ends->end(), "all"), kCrowd / 2);
        for (const StreamPair& streams : clients) streams.second.transport().abort();
        co_await settle();
    });
}

// The line goes with the loop.
TEST_F(HandshakeTurnsTest, ALoopThatEndsLeavesNobodyBehind) {
    std::vector<Task<>> tasks;
    int greetings = 0;
    run([&]() -> Coro<> {
        auto begun = loop().create_future<>();
        server->set_sni_callback([&greetings, begun](auto&, const auto&, auto&) {
            if (++greetings == 1) begun.set_result();
            return 0;
        });
        auto clients = crowd();
        co_await turns(3);
        for (std::size_t i = 0; i < kCrowd; ++i) tasks.push_back(create_task(talk(clients[i], pipes[i])));
        co_await begun;
        EXPECT_LT(greetings, 5) << "some wait";
    });
}

}  // namespace
}  // namespace aio::tests
