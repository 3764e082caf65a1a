// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/compose.hpp>
#include <aio/endpoints.hpp>
#include <aio/testing.hpp>
#include <net/socket_transport_support.hpp>
#include <support/ended.hpp>

#include <gtest/gtest.h>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;
using testing::MemoryPipe;
using testing::MemoryPipeOptions;
using testing::open_memory_connection;
using tests::Recorder;
using tests::Trace;
using End = MemoryPipe::End;

// --- the rules of transports, over sockets and in memory

struct Way {
    const char* name;
    bool sockets;
    MemoryPipeOptions options;
};

struct PairedTransports : ::testing::TestWithParam<Way>, testing::LoopTest {
    Trace ours;
    Trace theirs;
    std::shared_ptr<Recorder> a = std::make_shared<Recorder>(ours);
    std::shared_ptr<Recorder> b = std::make_shared<Recorder>(theirs);
    MemoryPipe pipe{GetParam().options};

    Coro<> connect() {
        if (GetParam().sockets) {
            auto [first, second] = tests::socket_pair(64 * 1024);
            make_socket_transport(loop(), std::move(first), a);
            make_socket_transport(loop(), std::move(second), b);
        } else {
            pipe.make_transport(loop(), End::first, a);
            pipe.make_transport(loop(), End::second, b);
        }
        co_await turns(3);
    }
    static Coro<> turns(int count) {
        for (int i = 0; i < count; ++i) co_await sleep(0s);
    }
    template <class F>
    static Coro<> until(F done) {
        while (!done()) co_await sleep(1ms);
    }
    Coro<> both_lost() {
        return until([this] { return a->lost && b->lost; });
    }
    void TearDown() override { finish(); }
};

TEST_P(PairedTransports, CarryPiecesInOrder) {
    run([&]() -> Coro<> {
        co_await connect();
        const auto owner = std::make_shared<std::string>(9'000, 'o');
        std::string wanted;
        for (int i = 0; i < 60; ++i) {
            const std::string head = std::to_string(i) + ":";
            a->transport->writelines({head, std::string(5'000, 's'), {*owner, owner}});
            wanted += head + std::string(5'000, 's') + *owner;
        }
        EXPECT_GT(owner.use_count(), 1);
        co_await until([&] { return b->received.size() >= wanted.size(); });
        EXPECT_TRUE(b->received == wanted);
        EXPECT_EQ(owner.use_count(), 1);
        a->transport->close();
        co_await both_lost();
    });
}

TEST_P(PairedTransports, CarryBothWaysInOrder) {
    run([&]() -> Coro<> {
        co_await connect();
        b->on_data = [this](BytesView data) { b->transport->write(data); };
        std::string sent;
        for (int i = 0; i < 50; ++i) {
            const std::string text = std::to_string(i) + " ";
            sent += text;
            a->transport->write(std::string_view(text));
        }
        co_await until([&] { return a->received.size() == sent.size(); });
        EXPECT_EQ(a->received, sent);
        a->transport->close();
        co_await both_lost();
        EXPECT_EQ(ours.joined(), "made | lost None");
        EXPECT_EQ(theirs.joined(), "made | eof | lost None");
    });
}

TEST_P(PairedTransports, PauseTheWriterAtItsMarks) {  // S123
    run([&]() -> Coro<> {
        co_await connect();
        b->transport->pause_reading();
        const std::string much(1024 * 1024, 'x');
        a->transport->write(std::string_view(much));
        EXPECT_EQ(ours.joined(), "made | pause");
        EXPECT_GT(a->transport->get_write_buffer_size(), 64U * 1024);
        a->transport->close();  // sends what is buffered first
        EXPECT_FALSE(a->lost);
        b->transport->resume_reading();
        co_await both_lost();
        EXPECT_EQ(b->received.size(), much.size());
        EXPECT_EQ(ours.joined(), "made | pause | resume | lost None");
    });
}

TEST_P(PairedTransports, StayOpenForTheOtherDirection) {  // S125, S129
    run([&]() -> Coro<> {
        co_await connect();
        b->keep_open = true;
        a->transport->write("question");
        a->transport->write_eof();
        EXPECT_EQ(tests::thrown<RuntimeError>([&] { a->transport->write("x"); }),
                  "Cannot call write() after write_eof()");
        co_await until([&] { return theirs.joined() == "made | eof"; });
        EXPECT_EQ(b->received, "question");
        b->transport->write("answer");
        b->transport->close();
        co_await both_lost();
        EXPECT_EQ(a->received, "answer");
        EXPECT_EQ(ours.joined(), "made | eof | lost None");
    });
}

TEST_P(PairedTransports, DeliverNothingWhilePaused) {  // S130
    run([&]() -> Coro<> {
        co_await connect();
        b->transport->pause_reading();
        a->transport->write("hello");
        co_await sleep(1s);
        EXPECT_EQ(b->received, "");
        EXPECT_FALSE(b->transport->is_reading());
        b->transport->resume_reading();
        co_await until([&] { return b->received.size() == 5; });
        a->transport->abort();
        co_await both_lost();
    });
}

TEST_P(PairedTransports, FailWhereTheOtherEndIsGone) {  // S124
    run([&]() -> Coro<> {
        co_await connect();
        a->keep_open = true;
        b->transport->abort();
        co_await until([&] { return b->lost; });
        co_await sleep(1s);
        const std::string text(1000, 'x');
        while (!a->lost) {
            a->transport->write(std::string_view(text));
            co_await sleep(0s);
        }
        EXPECT_EQ(ours.joined(), "made | eof | lost BrokenPipeError");
        a->transport->write("ignored");
        EXPECT_TRUE(reports().empty());  // it happens to every program
    });
}

TEST_P(PairedTransports, AreResetWhereSomethingWasNotRead) {
    run([&]() -> Coro<> {
        co_await connect();
        b->transport->pause_reading();
        a->transport->write("unread");
        co_await sleep(1s);
        b->transport->abort();
        co_await both_lost();
        EXPECT_EQ(ours.joined(), "made | lost ConnectionResetError");
    });
}

TEST_P(PairedTransports, MayBeClosedInAnyCallback) {
    for (int where = 0; where < 4; ++where) {
        a = std::make_shared<Recorder>(ours);
        b = std::make_shared<Recorder>(theirs);
        pipe = MemoryPipe(GetParam().options);
        const auto close = [this] { b->transport->abort(); };
        if (where == 0) b->on_made = [](Transport& made) { made.abort(); };
        if (where == 1) b->on_data = [close](BytesView) { close(); };
        if (where == 2) b->on_eof = close;
        if (where == 3) a->on_pause = close;
        run([&]() -> Coro<> {
            co_await connect();
            const std::string much(where == 3 ? 1024 * 1024 : 3, 'x');
            a->transport->write(std::string_view(much));
            if (!a->transport->is_closing()) a->transport->write_eof();
            co_await both_lost();
            EXPECT_EQ(b->transport->get_protocol(), nullptr);
        });
    }
}

TEST_P(PairedTransports, EndWithTheLoop) {
    run([&]() -> Coro<> {
        co_await connect();
        a->transport->write("on its way");
    });
    finish();
    EXPECT_TRUE(a->transport->is_closing());
    EXPECT_EQ(a->transport->get_protocol(), nullptr);
    EXPECT_EQ(a.use_count(), 1);
    EXPECT_EQ(b.use_count(), 1);
    EXPECT_FALSE(a->lost);
    a->transport->write("ignored");
}

INSTANTIATE_TEST_SUITE_P(, PairedTransports,
                         ::testing::Values(Way{"Sockets", true, {}}, Way{"Memory", false, {}},
                                           Way{"Bytewise", false, MemoryPipeOptions().chunk_size(64)},
                                           Way{"Late", false, MemoryPipeOptions().latency(20ms)},
                                           Way{"Narrow", false,
                                               MemoryPipeOptions().capacity(1000).latency(1ms)}),
                         [](const auto& instance) { return instance.param.name; });

// --- what networks do

struct MemoryPipeTest : ::testing::Test, testing::LoopTest {};

TEST_F(MemoryPipeTest, TakesTime) {
    run([&]() -> Coro<> {
        auto connection = co_await open_memory_connection(MemoryPipe(MemoryPipeOptions().latency(3s)));
        auto& [client, server] = connection;
        const TimePoint start = loop().time();
        client.second.write("ping\n");
        const std::string question = co_await server.first.readline();
        EXPECT_EQ(question, "ping\n");
        EXPECT_EQ(loop().time() - start, 3s);
        server.second.write("pong\n");
        const std::string answer = co_await client.first.readline();
        EXPECT_EQ(answer, "pong\n");
        EXPECT_EQ(loop().time() - start, 6s);
        client.second.close();
        const std::string end = co_await server.first.read();
        EXPECT_EQ(end, "");
        EXPECT_EQ(loop().time() - start, 9s);
    });
}

TEST_F(MemoryPipeTest, IsMadeWhereNoneIsGiven) {
    run([&]() -> Coro<> {
        auto connection = co_await open_memory_connection();
        auto& [client, server] = connection;
        client.second.write("hello\n");
        const std::string line = co_await server.first.readline();
        EXPECT_EQ(line, "hello\n");
        client.second.close();
        server.second.close();
        co_await client.second.wait_closed();
        co_await server.second.wait_closed();
    });
}

TEST_F(MemoryPipeTest, ArrivesByteByByte) {
    run([&]() -> Coro<> {
        auto connection = co_await open_memory_connection(MemoryPipe(MemoryPipeOptions().chunk_size(1)));
        auto& [client, server] = connection;
        client.second.write("abc");
        std::vector<std::string> parts;
        for (int i = 0; i < 3; ++i) parts.push_back(co_await server.first.read(100));
        EXPECT_EQ(parts, (std::vector<std::string>{"a", "b", "c"}));
    });
}

TEST_F(MemoryPipeTest, IsHeldAndReleased) {
    run([&]() -> Coro<> {
        MemoryPipe pipe;
        auto connection = co_await open_memory_connection(pipe);
        auto& [client, server] = connection;
        pipe.hold();
        client.second.write("late");
        client.second.close();
        const auto none = co_await as_result(wait_for(server.first.read(), 10s));
        EXPECT_TRUE(none.raised<TimeoutError>());
        EXPECT_EQ(pipe.in_flight(End::first), 4U);
        pipe.release();
        const std::string text = co_await server.first.read();
        EXPECT_EQ(text, "late");
    });
}

TEST_F(MemoryPipeTest, IsLost) {
    run([&]() -> Coro<> {
        MemoryPipe pipe;
        auto connection = co_await open_memory_connection(pipe);
        auto& [client, server] = connection;
        client.second.write("gone");
        const Task<std::string> reading = create_task(client.first.read());
        co_await sleep(0s);
        pipe.lose(ETIMEDOUT);
        co_await tests::ended(reading);
        EXPECT_TRUE(describe(reading.exception()).starts_with("aio::TimeoutError"))
            << describe(reading.exception());
        const auto other = co_await as_result(server.first.read());
        EXPECT_TRUE(other.exception() != nullptr);
        EXPECT_TRUE(reports().empty());
    });
}

TEST_F(MemoryPipeTest, IsHalfClosedByScript) {
    run([&]() -> Coro<> {
        MemoryPipe pipe;
        auto connection = co_await open_memory_connection(pipe);
        auto& [client, server] = connection;
        client.second.write("last words");
        pipe.shut_down(End::first);
        const std::string text = co_await server.first.read();
        EXPECT_EQ(text, "last words");
        server.second.write("answer\n");
        const std::string answer = co_await client.first.readline();
        EXPECT_EQ(answer, "answer\n");
    });
}

TEST_F(MemoryPipeTest, HasTwoEnds) {
    const MemoryPipe pipe;
    Trace trace;
    EXPECT_EQ(tests::thrown<TypeError>(
                  [&] { pipe.make_transport(loop(), End::first, std::make_shared<DatagramProtocol>()); }),
              "a stream transport serves a Protocol or a BufferedProtocol");
    const auto protocol = std::make_shared<Recorder>(trace);
    const Ref<Transport> transport = pipe.make_transport(loop(), End::first, protocol);
    EXPECT_EQ(tests::thrown<RuntimeError>([&] { pipe.make_transport(loop(), End::first, protocol); }),
              "this end of the memory pipe has its transport already");
    EXPECT_EQ(transport->repr(), "<MemoryTransport open>");
    finish();
}

// Takes two bytes at a time.
struct Interrupted final : BufferedProtocol {
    std::span<char> get_buffer(std::size_t) override { return memory; }
    void buffer_updated(std::size_t count) override {
        received.append(memory.data(), count);
        if (received == "abcd") throw SystemExit(1);
    }
    std::array<char, 2> memory{};
    std::string received;
};

TEST(MemoryPipeAlone, AnExitExceptionLosesNothing) {
    const EventLoopPtr loop = new_event_loop();
    const auto reader = std::make_shared<Interrupted>();
    Trace print;
    const auto writer = std::make_shared<Recorder>(print);
    MemoryPipe pipe;
    loop->call_soon([&] {
        pipe.make_transport(*loop, End::first, reader);
        pipe.make_transport(*loop, End::second, writer);
    });
    writer->on_made = [](Transport& made) { made.write("abcdefgh"); };
    EXPECT_THROW(loop->run_forever(), SystemExit);
    EXPECT_EQ(reader->received, "abcd");
    for (int i = 0; i < 5; ++i) {
        loop->stop();
        loop->run_forever();
    }
    EXPECT_EQ(reader->received, "abcdefgh");
}

}  // namespace
}  // namespace aio
