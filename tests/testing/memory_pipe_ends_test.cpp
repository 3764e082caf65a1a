// SPDX-License-Identifier: MIT
// Connections in memory and their loop: its close, its deadlocks, its forks.
#include <aio/compose.hpp>
#include <aio/endpoints.hpp>
#include <aio/inspect/deadlock.hpp>
#include <aio/testing.hpp>
#include <net/socket_transport_support.hpp>
#include <support/child.hpp>
#include <support/ended.hpp>

#include <gtest/gtest.h>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace aio {
namespace {

using namespace std::chrono_literals;
using testing::MemoryPipe;
using testing::MemoryPipeOptions;
using testing::open_memory_connection;
using tests::Recorder;
using tests::Trace;
using End = MemoryPipe::End;

struct MemoryPipeEnds : ::testing::Test, testing::LoopTest {
    Trace ours;
    Trace theirs;
    std::shared_ptr<Recorder> a = std::make_shared<Recorder>(ours);
    std::shared_ptr<Recorder> b = std::make_shared<Recorder>(theirs);
    MemoryPipe pipe;

    Coro<> connect() {
        pipe.make_transport(loop(), End::first, a);
        pipe.make_transport(loop(), End::second, b);
        co_await sleep(0s);
        co_await sleep(0s);
    }
    // The loop refers to neither end any more.
    void expect_let_go() {
        finish();
        EXPECT_EQ(a->transport->get_protocol(), nullptr);
        EXPECT_EQ(b->transport->get_protocol(), nullptr);
        EXPECT_EQ(a.use_count() + b.use_count(), 2);
    }
    void TearDown() override { finish(); }
};

// --- what the loop knows of them

// While nothing is on its way there is nothing to wait for.
TEST_F(MemoryPipeEnds, WaitForNothingWhileIdle) {
    run([&]() -> Coro<> {
        auto connection = co_await open_memory_connection();
        auto& [client, server] = connection;
        co_await sleep(0s);
        EXPECT_EQ(loop().stats().timers, 0U);
        const Task<std::string> reading = create_task(server.first.read());
        co_await sleep(0s);
        EXPECT_EQ(loop().stats().timers, 0U);
        client.second.close();
        co_await reading;
    });
    std::string report = "none";
    try {
        run([]() -> Coro<> {
            auto connection = co_await open_memory_connection();
            co_await connection.second.first.read();
        });
    } catch (const DeadlockError& error) {
        report = error.what();
    }
    EXPECT_TRUE(report.find("no timer is armed") != report.npos) << report;
}

// The same with the system's clock: the loop knows that it would sleep for ever.
TEST(MemoryPipeLoop, AWaitForAnIdleOneIsADeadlock) {
    const EventLoopPtr loop = new_event_loop();
    set_on_deadlock(*loop, OnDeadlock::raise);
    auto task = loop->create_task([]() -> Coro<> {
        auto connection = co_await open_memory_connection();
        const Task<> turn = create_task(sleep(0s));
        co_await turn;
        EXPECT_EQ(get_running_loop().stats().timers, 0U);
        if (get_running_loop().stats().timers > 0) co_return;  // it would hang
        co_await connection.second.first.read();
    });
    EXPECT_THROW(loop->run_until_complete(task), DeadlockError);
    task.cancel();
    EXPECT_THROW(loop->run_until_complete(task), CancelledError);
}

TEST_F(MemoryPipeEnds, BelongToOneLoop) {
    const EventLoopPtr other = new_event_loop();
    pipe.make_transport(loop(), End::first, a);
    EXPECT_EQ(tests::thrown<ValueError>([&] { pipe.make_transport(*other, End::second, b); }),
              "the other end of the memory pipe belongs to another loop");
    pipe.make_transport(loop(), End::second, b);
}

// --- its close

TEST_F(MemoryPipeEnds, EndWithTheLoopWhileSomethingIsOnItsWay) {
    pipe.set_options(MemoryPipeOptions().latency(1h).capacity(100));
    run([&]() -> Coro<> {
        co_await connect();
        a->transport->write(std::string(1000, 'x'));
        b->transport->write("text");
        b->transport->write_eof();
        EXPECT_EQ(loop().stats().timers, 2U);
    });
    expect_let_go();
    EXPECT_FALSE(a->lost || b->lost);
}

// connection_lost() is queued, and is not called any more.
TEST_F(MemoryPipeEnds, EndWithTheLoopWhileOneIsBeingLost) {
    const EventLoopPtr loop = new_event_loop();
    loop->call_soon([&] {
        pipe.make_transport(*loop, End::first, a);
        pipe.make_transport(*loop, End::second, b);
    });
    for (int i = 0; i < 3; ++i) {
        loop->stop();
        loop->run_forever();
    }
    a->transport->abort();
    loop->close();
    EXPECT_FALSE(a->lost || b->lost);
    EXPECT_EQ(a.use_count() + b.use_count(), 2);
}

TEST_F(MemoryPipeEnds, EndWithTheLoopBeforeTheirFirstTurn) {
    EventLoopPtr loop = new_event_loop();
    const Ref<Transport> first = pipe.make_transport(*loop, End::first, a);
    first->write("early");
    loop->close();
    EXPECT_EQ(a.use_count(), 1);
    EXPECT_EQ(ours.joined(), "");
    EXPECT_TRUE(first->is_closing());
    first->write("late");
}

// --- one end without the other

TEST_F(MemoryPipeEnds, WhatIsOnItsWayArrivesWhenTheSenderIsGone) {
    run([&]() -> Coro<> {
        StreamPair server = co_await [](MemoryPipe made) -> Coro<StreamPair> {
            auto connection = co_await open_memory_connection(std::move(made));
            connection.first.second.write("last words");
            co_return std::move(connection.second);
        }(MemoryPipe(MemoryPipeOptions().latency(2s).chunk_size(3)));
        const std::string text = co_await server.first.read();
        EXPECT_EQ(text, "last words");
        EXPECT_EQ(clock().elapsed(), 2s);
    });
}

// What was sent when the way was longer comes first, however long that takes; nothing spins until then.
TEST_F(MemoryPipeEnds, AShorterLatencyKeepsTheOrder) {
    pipe.set_options(MemoryPipeOptions().latency(10s));
    run([&]() -> Coro<> {
        co_await connect();
        a->transport->write("slow");
        pipe.set_options(MemoryPipeOptions().latency(1s));
        a->transport->close();
        co_await sleep(5s);
        EXPECT_EQ(b->received, "");
        EXPECT_LT(loop().stats().iterations, 100U);
        co_await sleep(6s);
        EXPECT_EQ(b->received, "slow");
        EXPECT_EQ(theirs.joined(), "made | eof | lost None");
    });
}

TEST_F(MemoryPipeEnds, NothingIsLearnedWhileItIsHeld) {
    run([&]() -> Coro<> {
        co_await connect();
        pipe.hold();
        b->transport->abort();
        co_await sleep(1s);
        a->transport->write("into the void");
        co_await sleep(1h);
        EXPECT_EQ(ours.joined(), "made");
        pipe.release();
        co_await sleep(1s);
        EXPECT_EQ(ours.joined(), "made | eof | lost None");
    });
}

TEST_F(MemoryPipeEnds, ManyBytesOneByOne) {
    pipe.set_options(MemoryPipeOptions().chunk_size(1));
    run([&]() -> Coro<> {
        co_await connect();
        const std::string much(1 << 18, 'x');
        a->transport->write(std::string_view(much));
        a->transport->close();
        while (!b->lost) co_await sleep(0s);
        EXPECT_EQ(b->received.size(), much.size());
    });
}

// --- a protocol without room

struct NoRoom final : BufferedProtocol {
    std::span<char> get_buffer(std::size_t) override { return {}; }
    void buffer_updated(std::size_t) override { ADD_FAILURE(); }
    void connection_lost(std::exception_ptr error) override { lost = tests::error_name(error); }
    std::string lost;
};

TEST_F(MemoryPipeEnds, ABufferOfNoSizeEndsTheConnection) {
    const auto reader = std::make_shared<NoRoom>();
    run([&]() -> Coro<> {
        pipe.make_transport(loop(), End::first, reader);
        pipe.make_transport(loop(), End::second, b);
        co_await sleep(0s);
        b->transport->write("text");
        co_await sleep(1s);
        EXPECT_EQ(reader->lost, "RuntimeError");
        EXPECT_EQ(theirs.joined(), "made | lost ConnectionResetError");
    });
    ASSERT_EQ(reports().size(), 1U);
    EXPECT_TRUE(reports()[0].starts_with("Fatal error: protocol.get_buffer() call failed."));
}

// --- fork()

// A child has its own copy of what is on its way, and what it does stays there.
TEST_F(MemoryPipeEnds, AForkedChildLeavesTheParentsAlone) {
    pipe.set_options(MemoryPipeOptions().latency(1s));
    run([&]() -> Coro<> {
        co_await connect();
        a->transport->write("before");
    });
    const tests::ChildSays says;
    const std::string child = tests::run_in_child([&] {
        a->transport->write("of the child");
        b->transport->abort();
        loop().close();
        a->transport->write("late");
        if (a.use_count() == 1 && b.use_count() == 1) says("let go");
    });
    EXPECT_EQ(child, "exit 0");
    EXPECT_EQ(says.heard(), "let go | ");
    run([&]() -> Coro<> {
        a->transport->write(", behind");
        a->transport->close();
        co_await sleep(5s);
        EXPECT_EQ(b->received, "before, behind");
        EXPECT_EQ(theirs.joined(), "made | eof | lost None");
    });
}

}  // namespace
}  // namespace aio
