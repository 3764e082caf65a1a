// SPDX-License-Identifier: MIT
#include <support/trace.hpp>
#include <transport/async_fd_support.hpp>

#include <aio/compose.hpp>

#include <cerrno>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace aio::tests {
namespace {

static_assert(!std::is_copy_constructible_v<AsyncFd>);
static_assert(std::is_nothrow_move_constructible_v<AsyncFd>);
static_assert(!std::is_convertible_v<AsyncFd, TransportSocket>);  // of a temporary
static_assert(std::is_convertible_v<AsyncFd&, TransportSocket>);

TEST_F(AsyncFdTest, WaitsUntilItIsReadable) {
    run([&]() -> Coro<> {
        AsyncFd fd(a);
        EXPECT_TRUE(fd);
        EXPECT_EQ(fd.fileno(), a);
        EXPECT_EQ(fd.repr(), "<AsyncFd fd=" + std::to_string(a) + ">");
        loop().call_later(1s, [&] { pair.b.send("hello"); });
        const FdReady ready = co_await fd.readable();
        EXPECT_EQ(clock().elapsed(), 1s);
        EXPECT_FALSE(ready.peer_closed());
        EXPECT_FALSE(ready.error());
        EXPECT_EQ(drain(ready), "hello");
    });
}

// The kernel tells once; what was told lasts until somebody finds nothing.
TEST_F(AsyncFdTest, StaysReadyUntilACallWouldBlock) {
    run([&]() -> Coro<> {
        AsyncFd fd(a);
        pair.b.send("xyz");
        for (int i = 0; i < 3; ++i) {
            const FdReady ready = co_await fd.readable();
            const auto count = ready.try_io([&] { return read_one(); });
            EXPECT_EQ(count, 1);
        }
        const FdReady ready = co_await fd.readable(1s);  // known to be ready
        EXPECT_EQ(clock().elapsed(), 0s);
        EXPECT_EQ(ready.try_io([&] { return read_one(); }), std::nullopt);
        const std::string text = co_await readable(fd, 1s);
        EXPECT_EQ(text, "TimeoutError");
        EXPECT_EQ(clock().elapsed(), 1s);
    });
}

TEST_F(AsyncFdTest, ABlockingIOErrorSaysTheSameAndOtherErrorsPass) {
    run([&]() -> Coro<> {
        AsyncFd fd(a);
        pair.b.send("x");
        const FdReady ready = co_await fd.readable();
        EXPECT_EQ(thrown<ValueError>([&] { ready.try_io([]() -> int { throw ValueError("other"); }); }),
                  "other");
        EXPECT_EQ(ready.try_io([](std::string text) { return text + "!"; }, "arguments"), "arguments!");
        errno = EBADF;
        EXPECT_EQ(ready.try_io([] { return -1; }), -1);
        co_await fd.readable();  // still
        EXPECT_EQ(ready.try_io([]() -> std::string { raise_os_error(EAGAIN, "read"); }), std::nullopt);
        const std::string text = co_await readable(fd, 1s);
        EXPECT_EQ(text, "TimeoutError");
    });
}

TEST_F(AsyncFdTest, WaitsUntilItIsWritable) {
    run([&]() -> Coro<> {
        AsyncFd fd(a);
        FdReady ready = co_await fd.writable();
        const std::string block(4096, 'x');
        while (ready.try_io([&] { return ::send(a, block.data(), block.size(), MSG_DONTWAIT); })) {
        }
        loop().call_later(1s, [&] { read_all(pair.b.fd); });
        ready = co_await fd.writable();
        EXPECT_EQ(clock().elapsed(), 1s);
        EXPECT_EQ(ready.try_io([&] { return ::send(a, "y", 1, MSG_DONTWAIT); }), 1);
    });
}

// What came between the wait and clear_ready() is not forgotten.
TEST_F(AsyncFdTest, ClearingKnowsOnlyWhatTheWaitKnew) {
    run([&]() -> Coro<> {
        AsyncFd fd(a);
        pair.b.send("x");
        const FdReady ready = co_await fd.readable();
        EXPECT_EQ(read_one(), 1);
        EXPECT_EQ(read_one(), -1);  // EAGAIN, in a library
        pair.b.send("y");
        co_await until([&] { return loop().poller().poll(Duration::zero()) > 0; });
        ready.clear_ready();
        const FdReady again = co_await fd.readable(1s);
        EXPECT_EQ(read_one(), 1);
        EXPECT_EQ(read_one(), -1);
        again.clear_ready();
        const std::string text = co_await readable(fd, 1s);
        EXPECT_EQ(text, "TimeoutError");
    });
}

// A library that reads once and does not say whether more is there, as libpq.
TEST_F(AsyncFdTest, RechecksForLibrariesThatDoNotTell) {
    run([&]() -> Coro<> {
        AsyncFd fd(a);
        pair.b.send("xy");
        const FdReady ready = co_await fd.readable();
        EXPECT_EQ(read_one(), 1);
        EXPECT_TRUE(ready.recheck());
        EXPECT_EQ(read_one(), 1);
        EXPECT_FALSE(ready.recheck());
        const std::string text = co_await readable(fd, 1s);
        EXPECT_EQ(text, "TimeoutError");
        const FdReady writable = co_await fd.writable();
        EXPECT_TRUE(writable.recheck());
        pair.a.fill();
        EXPECT_FALSE(writable.recheck());
    });
}

TEST_F(AsyncFdTest, ALimitOfZeroOnlyAsks) {
    run([&]() -> Coro<> {
        AsyncFd fd(a);
        std::string text = co_await readable(fd, 0s);
        EXPECT_EQ(text, "TimeoutError");
        pair.b.send("x");  // the loop has not heard of it
        co_await fd.readable(0s);
        co_await fd.writable(-1s);
        EXPECT_EQ(loop().stats().timers, 0U);
        const FdReady ready = co_await fd.readable(std::nullopt);
        EXPECT_EQ(drain(ready), "x");
        try {
            co_await fd.readable(1s);
            ADD_FAILURE();
        } catch (const TimeoutError& e) {
            EXPECT_EQ(e.what(), "AsyncFd.readable() of descriptor " + std::to_string(a) + ": timed out");
        }
        EXPECT_EQ(loop().stats().timers, 0U);
        const auto first_wait = [&]() -> Coro<> { co_await fd.readable(); };
        text = co_await caught(to_coro(async_with(timeout(1s), first_wait)));
        EXPECT_EQ(text, "TimeoutError");
    });
}

TEST_F(AsyncFdTest, ATimeLimitThatPassesLosesNothing) {
    keep_order();
    run([&]() -> Coro<> {
        AsyncFd fd(a);
        loop().call_later(1s, [&] { pair.b.send("x"); });
        std::string text = co_await readable(fd, 1s);
        EXPECT_EQ(text, "TimeoutError");
        text = co_await readable(fd, 1h);
        EXPECT_EQ(text, "no error");
        EXPECT_EQ(clock().elapsed(), 1s);
        EXPECT_EQ(loop().stats().timers, 0U);
    });
}

TEST_F(AsyncFdTest, SeveralTasksWaitForEachDirection) {
    keep_order();
    run([&]() -> Coro<> {
        AsyncFd fd(a);
        pair.a.fill();
        Trace print;
        const auto wait = [&](int number, bool reading) -> Coro<> {
            if (reading) {
                co_await fd.readable();
            } else {
                const FdReady ready = co_await fd.writable();
                while (!ready.recheck()) co_await fd.writable();
            }
            print(reading ? "r" : "w", number);
        };
        std::vector<Task<>> tasks;
        for (int i = 0; i < 3; ++i) {
            tasks.push_back(create_task(wait, i, true));
            tasks.push_back(create_task(wait, i, false));
        }
        co_await turns(3);
        print.clear();
        pair.b.send("x");
        co_await until([&] { return print.lines().size() == 3; });
        EXPECT_EQ(print.joined(), "r 0 | r 1 | r 2");
        print.clear();
        EXPECT_FALSE(read_all(pair.b.fd).empty());
        for (const Task<>& task : tasks) co_await task;
        EXPECT_EQ(print.joined(), "w 0 | w 1 | w 2");
    });
}

// Before the event, when it is known and the task not woken, and when it is woken.
TEST_F(AsyncFdTest, ACancelledWaitLosesNothing) {
    run([&]() -> Coro<> {
        AsyncFd fd(a);
        for (int turn = 0; turn < 3; ++turn) {
            Task<std::string> waiting = create_task(readable(fd));
            co_await turns(1);
            pair.b.send("x");
            if (turn > 0) {
                const std::size_t before = loop().ready().size();
                while (loop().ready().size() == before) loop().poller().poll(10ms);
                co_await turns(turn - 1);
            }
            EXPECT_TRUE(waiting.cancel());
            std::string text = co_await waiting;
            EXPECT_EQ(text, "CancelledError");
            const FdReady ready = co_await fd.readable(1min);
            text = drain(ready);
            EXPECT_EQ(text, "x");
        }
    });
}

TEST_F(AsyncFdTest, ThePeersEndMakesEverythingReady) {
    run([&]() -> Coro<> {
        AsyncFd fd(a);
        const FdReady writable = co_await fd.writable();
        pair.a.fill();
        EXPECT_FALSE(writable.recheck());
        const Task<std::string> reads = create_task(readable(fd));
        const Task<std::string> writes = create_task(caught(to_coro(fd.writable())));
        const Task<std::string> urgent = create_task(caught(to_coro(fd.priority())));
        co_await turns(1);
        EXPECT_FALSE(reads.done() || writes.done() || urgent.done());
        pair.b.close();
        for (const auto& task : {reads, writes, urgent}) {
            const std::string text = co_await task;
            EXPECT_EQ(text, "no error");
        }
        // It is told of once; a library that clears too much still learns of it.
        const FdReady ready = co_await fd.readable();
        EXPECT_TRUE(ready.peer_closed());
        ready.clear_ready();
        co_await fd.readable(0s);
    });
}

}  // namespace
}  // namespace aio::tests
