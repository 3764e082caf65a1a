// SPDX-License-Identifier: MIT
#include <streams/streams_support.hpp>
#include <support/log_capture.hpp>

#include <aio/base/pool.hpp>

#include <type_traits>
#include <vector>

namespace aio::tests {
namespace {

static_assert(std::is_copy_constructible_v<StreamWriter>);
static_assert(std::is_nothrow_move_constructible_v<StreamWriter>);
static_assert(sizeof(StreamWriter) == sizeof(void*));

using StreamWriterTest = StreamsTest;

TEST_F(StreamWriterTest, WritesEveryForm) {
    run([&]() -> Coro<> {
        auto [r, w] = co_await connect();
        const std::string text = "string ";
        w.write("literal ");
        w.write(text);
        w.write(std::string("rvalue "));
        w.write(std::string_view("view "));
        w.write("owned ", std::make_shared<int>());
        w.writelines(std::vector<std::string>{"some ", "lines "});
        const std::vector<std::string> lines{"lent ", "lines "};
        w.writelines(lines);
        w.writelines({"and ", text, std::string("pieces "), {"with owners", std::make_shared<int>()}});
        EXPECT_EQ(read_all(peer.fileno()), "literal ");  // what follows goes out when the step ends
        co_await sleep(0s);
        EXPECT_EQ(read_all(peer.fileno()),
                  "string rvalue view owned some lines lent lines and string pieces with owners");
        w.close();
        co_await w.wait_closed();
    });
}

TEST_F(StreamWriterTest, ShowsItsTransport) {
    run([&]() -> Coro<> {
        auto [r, w] = co_await connect();
        const StreamWriter same = w;
        EXPECT_EQ(same, w);
        EXPECT_TRUE(w.can_write_eof());
        EXPECT_FALSE(w.is_closing());
        EXPECT_EQ(w.get_extra_info("socket", TransportSocket()).fileno(), w.transport().fd());
        EXPECT_FALSE(w.get_extra_info("no such thing").has_value());
        w.close();
        EXPECT_TRUE(w.is_closing());
        co_await w.wait_closed();
        co_await w.wait_closed();
    });
}

// --- drain -------------------------------------------------------------------------------------------

TEST_F(StreamWriterTest, DrainIsReadyAndAllocatesNothingWhileNotPaused) {
    run([&]() -> Coro<> {
        auto [r, w] = co_await connect();
        w.transport().set_gather_writes(false);  // so that each can be seen
        const auto before = pool::stats().fresh_blocks;
        const auto iterations = loop().stats().iterations;
        for (int i = 0; i < 100; ++i) {
            w.write("x");
            co_await w.drain();
            EXPECT_EQ(read_all(peer.fileno()), "x");  // a hundred may be more than the kernel takes
        }
        EXPECT_EQ(pool::stats().fresh_blocks, before);
        EXPECT_EQ(loop().stats().iterations, iterations) << "it does not yield";
        w.close();
        co_await w.wait_closed();
    });
}

TEST_F(StreamWriterTest, SeveralTasksMayDrainAtOnce) {
    run([&]() -> Coro<> {
        auto [r, w] = co_await connect();
        const std::size_t written = write_beyond(w.transport());
        std::string order;
        const auto drain = [&order](StreamWriter writer, char name) -> Coro<> {
            co_await writer.drain();
            order += name;
        };
        auto a = create_task(drain(w, 'a'));
        auto b = create_task(drain(w, 'b'));
        auto c = create_task(drain(w, 'c'));
        co_await turns(3);
        EXPECT_EQ(order, "");
        b.cancel();
        std::size_t received = 0;
        while (received < written) {
            received += read_all(peer.fileno()).size();
            co_await sleep(0s);
        }
        co_await ended(a, b, c);
        EXPECT_EQ(order, "ac");
        EXPECT_TRUE(b.cancelled());
        w.close();
        co_await w.wait_closed();
    });
}

TEST_F(StreamWriterTest, DrainCancelledBeforeAndDuring) {
    run([&]() -> Coro<> {
        auto [r, w] = co_await connect();
        auto before = create_task(w.drain());
        before.cancel();
        co_await ended(before);
        EXPECT_TRUE(before.cancelled());
        write_beyond(w.transport());
        auto during = create_task(w.drain());
        co_await turns(2);
        during.cancel();
        co_await ended(during);
        EXPECT_TRUE(during.cancelled());
        EXPECT_GT(w.transport().get_write_buffer_size(), 0u) << "what was written stays written";
        auto closing = create_task(w.drain());
        w.close();
        co_await sleep(0s);
        closing.cancel();
        auto at_once = create_task(w.drain());  // gives the closing transport its turn
        at_once.cancel();
        co_await ended(closing, at_once);
        EXPECT_TRUE(closing.cancelled() && at_once.cancelled());
        w.transport().abort();
        co_await w.wait_closed();
    });
}

TEST_F(StreamWriterTest, DrainOfAClosedWriterFails) {
    run([&]() -> Coro<> {
        auto [r, w] = co_await connect();
        w.close();
        try {
            co_await w.drain();
            ADD_FAILURE();
        } catch (const ConnectionResetError& e) {
            EXPECT_STREQ(e.what(), "Connection lost: Connection reset by peer");
        }
        try {
            co_await w.drain();
            ADD_FAILURE();
        } catch (const ConnectionResetError&) {
        }
    });
}

TEST_F(StreamWriterTest, DrainWhileAFullTransportClosesWaitsForTheBuffer) {
    run([&]() -> Coro<> {
        auto [r, w] = co_await connect();
        const std::size_t written = write_beyond(w.transport());
        w.close();
        auto t = create_task(w.drain());
        co_await turns(5);
        EXPECT_FALSE(t.done());
        std::size_t received = 0;
        while (received < written) {
            received += read_all(peer.fileno()).size();
            co_await sleep(0s);
        }
        co_await t;
        co_await w.wait_closed();
    });
}

TEST_F(StreamWriterTest, AWaitingDrainLearnsOfTheLoss) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = tcp_pair(kSmallBuffer);
        auto [r, w] = co_await open_connection(std::move(ours));
        write_beyond(w.transport());
        auto t = create_task(w.drain());
        co_await turns(3);
        reset_on_close(theirs.fileno());
        theirs.close();
        try {
            co_await t;
            ADD_FAILURE();
        } catch (const ConnectionError&) {
        }
        try {
            co_await w.drain();
            ADD_FAILURE();
        } catch (const ConnectionError&) {  // the reader's stored error
        }
        try {
            co_await w.wait_closed();
            ADD_FAILURE();
        } catch (const ConnectionError&) {
        }
    });
}

// --- closing -----------------------------------------------------------------------------------------

TEST_F(StreamWriterTest, WaitClosedWaitsForConnectionLost) {
    run([&]() -> Coro<> {
        auto [r, w] = co_await connect();
        auto a = create_task(w.wait_closed());
        auto b = create_task(w.wait_closed());
        co_await turns(2);
        EXPECT_FALSE(a.done());
        a.cancel();
        co_await ended(a);
        EXPECT_TRUE(a.cancelled());
        w.close();
        co_await b;  // not cancelled with the other
        EXPECT_EQ(w.transport().fd(), -1);
    });
}

TEST_F(StreamWriterTest, AnUnclosedWriterIsClosedAndInDebugModeReported) {
    const LogCapture captured;
    loop().set_debug(true);
    run([&]() -> Coro<> {
        {
            auto [r, w] = co_await connect();
            const StreamWriter copy = w;
            EXPECT_TRUE(captured.messages().empty());
        }
        co_await turns(2);
        char byte = 0;
        EXPECT_EQ(::recv(peer.fileno(), &byte, 1, 0), 0);
    });
    ASSERT_EQ(captured.messages().size(), 1u);
    EXPECT_EQ(captured.messages()[0].substr(0, 52), "ResourceWarning: unclosed StreamWriter of <SocketTra");
    EXPECT_EQ(captured.levels()[0], LogLevel::warning);
}

TEST_F(StreamWriterTest, AWriterThatOutlivesItsLoopIsHarmless) {
    std::optional<StreamPair> survivor;
    {
        const auto closed = new_event_loop();
        const auto open = [&]() -> Coro<> {
            StreamPair streams = co_await connect();
            survivor = std::move(streams);
        };
        closed->run_until_complete(open());
    }
    survivor->second.write("x");
    EXPECT_TRUE(survivor->second.is_closing());
    EXPECT_EQ(survivor->first.exception(), nullptr);
    survivor.reset();
}

}  // namespace
}  // namespace aio::tests
