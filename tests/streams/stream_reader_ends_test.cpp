// SPDX-License-Identifier: MIT
// How reads end: end of file, errors, cancellation, a second reader.
#include <streams/reader_support.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

TEST_F(StreamReaderTest, EndOfFileWakesEveryKindOfRead) {
    run([&]() -> Coro<> {
        const auto with_tail = [](StreamReader r) {
            r.feed_data("ab");
            r.feed_eof();
        };
        {
            StreamReader r;
            auto t = co_await start(r.readexactly(3));
            with_tail(r);
            try {
                co_await t;
                ADD_FAILURE();
            } catch (const IncompleteReadError& e) {
                EXPECT_EQ(e.partial(), "ab");
                EXPECT_EQ(e.expected(), 3u);
                EXPECT_STREQ(e.what(), "2 bytes read on a total of 3 expected bytes");
            }
            EXPECT_TRUE(r.at_eof());
        }
        {
            StreamReader r;
            auto t = co_await start(r.readuntil("|"));
            with_tail(r);
            try {
                co_await t;
                ADD_FAILURE();
            } catch (const IncompleteReadError& e) {
                EXPECT_EQ(e.partial(), "ab");
                EXPECT_FALSE(e.expected());
            }
        }
        {
            StreamReader r;
            auto t = co_await start(r.readline());
            with_tail(r);
            EXPECT_EQ(co_await t, "ab");
            EXPECT_FALSE((co_await r.next_line()).has_value());
        }
    });
}

TEST_F(StreamReaderTest, AStoredErrorFailsEveryRead) {
    run([&]() -> Coro<> {
        StreamReader r;
        EXPECT_EQ(r.exception(), nullptr);
        auto t = co_await start(r.readexactly(3));
        r.feed_data("data");
        r.set_exception(ValueError("broken"));
        EXPECT_EQ(co_await t, "dat") << "it was woken by its data before";
        int failures = 0;
        const auto expect_failure = [&](auto awaitable) -> Coro<> {
            try {
                co_await std::move(awaitable);
            } catch (const ValueError& e) {
                EXPECT_STREQ(e.what(), "broken");
                ++failures;
            }
        };
        std::array<char, 4> memory{};
        co_await expect_failure(r.read(1));
        co_await expect_failure(r.read(0));
        co_await expect_failure(r.read());
        co_await expect_failure(r.readexactly(0));
        co_await expect_failure(r.readexactly(1));
        co_await expect_failure(r.readline());
        co_await expect_failure(r.next_line());
        co_await expect_failure(r.readuntil("x"));
        co_await expect_failure(r.read_into(memory));
        co_await expect_failure(r.read_view());
        co_await expect_failure(r.next_chunk());
        co_await expect_failure(r.fill());
        co_await expect_failure(r.fill(0));
        EXPECT_EQ(failures, 13);
        r.consume(1);
        EXPECT_EQ(r.buffered().text(), "") << "consume() can still be called";
    });
}

// --- one at a time, cancellation ------------------------------------------------------------------------

TEST_F(StreamReaderTest, ASecondReaderIsRefusedByName) {
    run([&]() -> Coro<> {
        StreamReader r;
        auto first = co_await start(r.readexactly(100));
        r.feed_data("there is data");
        std::string names;
        const auto refused = [&](auto awaitable) -> Coro<> {
            try {
                co_await std::move(awaitable);
            } catch (const RuntimeError& e) {
                const std::string text = e.what();
                names += text.substr(0, text.find('(')) + " ";
            }
        };
        std::array<char, 4> memory{};
        co_await refused(r.read(1));
        co_await refused(r.readexactly(1));
        co_await refused(r.readline());
        co_await refused(r.read_into(memory));
        co_await refused(r.read_view());
        co_await refused(r.next_chunk());
        co_await refused(r.fill());
        EXPECT_EQ(names, "read readexactly readuntil read_into read next_chunk fill ");
        EXPECT_EQ(thrown<RuntimeError>([&] { r.consume(1); }),
                  "consume() called while another coroutine is already waiting for incoming data");
        EXPECT_EQ(co_await r.read(0), "");
        first.cancel();
        co_await ended(first);
        EXPECT_EQ(co_await r.read(100), "there is data");
    });
}

template <class Make>
Coro<> cancel_before_and_during(Make make) {
    {
        StreamReader r;  // before
        auto t = create_task(make(r));
        t.cancel();
        co_await ended(t);
        EXPECT_TRUE(t.cancelled());
    }
    {
        StreamReader r;  // while it waits
        auto t = co_await start(make(r));
        t.cancel();
        r.feed_data("kept\n");
        co_await ended(t);
        EXPECT_TRUE(t.cancelled());
        EXPECT_EQ(co_await r.read(100), "kept\n");
    }
    {
        StreamReader r;  // when its data has come, but it has not gone on yet
        auto t = co_await start(make(r));
        r.feed_data("kept\n");
        t.cancel();
        co_await ended(t);
        EXPECT_TRUE(t.cancelled());
        EXPECT_EQ(co_await r.read(100), "kept\n");
    }
    {
        StreamReader r;  // destroyed with its loop or its task while it waits
        auto orphan = make(r);
        r.feed_data("x");
    }
}

TEST_F(StreamReaderTest, CancellationLosesNothing) {
    run([&]() -> Coro<> {
        std::array<char, 100> memory{};
        co_await cancel_before_and_during([](StreamReader r) { return r.read(5); });
        co_await cancel_before_and_during([](StreamReader r) { return r.read(-1); });
        co_await cancel_before_and_during([](StreamReader r) { return r.readexactly(5); });
        co_await cancel_before_and_during([](StreamReader r) { return r.readline(); });
        co_await cancel_before_and_during([](StreamReader r) { return r.next_line(); });
        co_await cancel_before_and_during([](StreamReader r) { return r.readuntil("\n"); });
        co_await cancel_before_and_during([&](StreamReader r) { return r.read_into(memory); });
        co_await cancel_before_and_during([](StreamReader r) { return r.read_view(); });
        co_await cancel_before_and_during([](StreamReader r) { return r.next_chunk(); });
        co_await cancel_before_and_during([](StreamReader r) { return r.fill(); });
        co_await cancel_before_and_during([](StreamReader r) { return r.fill(5); });
    });
}

TEST_F(StreamReaderTest, AWokenReaderWhoseDataIsTakenSaysSo) {
    run([&]() -> Coro<> {
        StreamReader r;
        auto first = co_await start(r.read(10));
        r.feed_data("x");
        EXPECT_EQ(co_await r.read(10), "x");  // overtakes it
        try {
            co_await first;
            ADD_FAILURE();
        } catch (const RuntimeError& e) {
            EXPECT_STREQ(e.what(), "read(): another coroutine read the data that this one was woken for");
        }
    });
}

// Not a part of what was found by then, nor the end of the stream.
TEST_F(StreamReaderTest, AWokenSearchWhoseDataIsTakenBeginsAnew) {
    run([&]() -> Coro<> {
        for (const int taken : {2, 4, 7}) {
            StreamReader r;
            auto line = co_await start(r.next_line());
            r.feed_data("abc\nde\n");
            EXPECT_EQ(co_await r.readexactly(taken), std::string("abc\nde\n").substr(0, taken));
            if (taken < 7) {
                EXPECT_EQ(co_await line, taken == 2 ? "c\n" : "de\n");
                continue;
            }
            try {
                co_await line;
                ADD_FAILURE();
            } catch (const RuntimeError&) {
            }
        }
        StreamReader r;
        auto until = co_await start(r.readuntil("--"));
        r.feed_data("abc--de");
        r.consume(4);
        r.feed_data("--");
        EXPECT_EQ(co_await until, "-de--");
    });
}

TEST_F(StreamReaderTest, AnAwaitableIsAwaitedOnce) {
    run([&]() -> Coro<> {
        StreamReader r;
        r.feed_data("xy");
        auto once = r.read(1);
        EXPECT_EQ(co_await once, "x");
        try {
            co_await once;
            ADD_FAILURE();
        } catch (const RuntimeError& e) {
            EXPECT_STREQ(e.what(), "cannot reuse already awaited coroutine");
        }
    });
}

TEST_F(StreamReaderTest, ATaskThatIsDestroyedWhileItReadsLeavesTheReader) {
    StreamReader r;
    {
        const auto closed = new_event_loop();
        closed->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
        closed->create_task(r.read(1));
        closed->stop();
        closed->run_forever();
    }
    r.feed_data("x");  // nobody is there to be woken
    run([&]() -> Coro<> { EXPECT_EQ(co_await r.read(1), "x"); });
}

TEST_F(StreamReaderTest, NoExceptionIsNoError) {
    StreamReader r;
    EXPECT_THROW(r.set_exception(std::exception_ptr()), TypeError);
    run([&]() -> Coro<> {
        auto t = co_await start(r.read(1));
        EXPECT_THROW(r.set_exception(std::exception_ptr()), TypeError);
        r.feed_data("x");
        EXPECT_EQ(co_await t, "x");
    });
}

}  // namespace
}  // namespace aio::tests
