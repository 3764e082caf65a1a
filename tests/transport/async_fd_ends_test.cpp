// SPDX-License-Identifier: MIT
// Who owns the descriptor of an AsyncFd, how it ends, and kinds of descriptors.
#include <support/trace.hpp>
#include <transport/async_fd_support.hpp>

#include <aio/compose.hpp>
#include <aio/inspect.hpp>

#include <fcntl.h>
#include <sys/inotify.h>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

namespace aio::tests {
namespace {

TEST_F(AsyncFdTest, ClosingEndsWaits) {
    run([&]() -> Coro<> {
        const int b = pair.b.fd;
        AsyncFd fd(std::exchange(pair.b.fd, -1), AsyncFd::own);
        pair.a.send("x");
        const Task<std::string> waiting = create_task(caught(to_coro(fd.priority(1s))));
        co_await turns(1);
        const FdReady ready = co_await fd.readable();
        fd.close();
        fd.close();
        EXPECT_EQ(::fcntl(b, F_GETFD), -1);
        std::string text = co_await waiting;
        EXPECT_EQ(text, "AsyncFd.priority() of descriptor " + std::to_string(b) + ": Bad file descriptor");
        EXPECT_EQ(loop().stats().timers, 0U);
        EXPECT_EQ(loop().stats().descriptors, 0U);
        EXPECT_FALSE(fd);
        EXPECT_EQ(fd.fileno(), -1);
        EXPECT_EQ(fd.detach(), -1);
        EXPECT_EQ(fd.repr(), "<AsyncFd closed>");
        text = co_await readable(fd);
        EXPECT_EQ(text, "AsyncFd.readable() of descriptor " + std::to_string(b) + ": Bad file descriptor");
        ready.clear_ready();  // outlives it
        EXPECT_FALSE(ready.recheck());
        EXPECT_EQ(pair.a.recv(), "");  // the end
    });
}

// The task was woken by an event, and does not look at what is gone.
TEST_F(AsyncFdTest, DestroyedBetweenTheEventAndTheTask) {
    run([&]() -> Coro<> {
        std::optional<AsyncFd> fd(std::in_place, a);
        loop().call_soon([&] { pair.b.send("x"); });
        const Task<std::string> waiting = create_task(readable(*fd));
        const Task<std::string> other = create_task(caught(to_coro(fd->priority())));
        co_await turns(1);
        std::size_t before = loop().ready().size();
        while (loop().ready().size() == before) loop().poller().poll(10ms);
        fd.reset();  // its event stands in the ready queue
        const std::string text = co_await waiting;
        EXPECT_NE(text.find("Bad file descriptor"), std::string::npos);
        co_await other;
        EXPECT_EQ(pair.a.recv(), "x");  // borrowed: still open
        AsyncFd again(a);
        EXPECT_EQ(loop().stats().descriptors, 1U);
    });
}

// A library may close its descriptor, and with it the AsyncFd, in any call.
TEST_F(AsyncFdTest, MayBeDestroyedInACall) {
    run([&]() -> Coro<> {
        auto fd = std::make_unique<AsyncFd>(std::exchange(pair.b.fd, -1), AsyncFd::own);
        const Task<std::string> other = create_task(readable(*fd));
        pair.a.send("x");
        const FdReady ready = co_await fd->readable();
        const auto result = ready.try_io([&] {
            fd.reset();
            errno = EAGAIN;
            return -1;
        });
        EXPECT_EQ(result, std::nullopt);
        EXPECT_FALSE(ready.recheck());
        const std::string text = co_await other;  // it was woken, or hears that it is gone
        EXPECT_TRUE(text == "no error" || text.ends_with("Bad file descriptor")) << text;
        EXPECT_EQ(loop().stats().descriptors, 0U);
    });
}

TEST_F(AsyncFdTest, DetachingGivesTheDescriptorBack) {
    run([&]() -> Coro<> {
        Socket socket(std::exchange(pair.b.fd, -1));
        const int b = socket.fileno();
        AsyncFd fd(std::move(socket));
        const Task<std::string> waiting = create_task(readable(fd));
        co_await turns(1);
        pair.b = Fd(fd.detach());
        EXPECT_EQ(pair.b.fd, b);
        const std::string text = co_await waiting;
        EXPECT_NE(text.find("Bad file descriptor"), std::string::npos);
        pair.b.send("open");
        EXPECT_EQ(pair.a.recv(), "open");
    });
}

TEST_F(AsyncFdTest, MovesWhileSomebodyWaits) {
    run([&]() -> Coro<> {
        AsyncFd fd(a);
        const Task<std::string> waiting = create_task(readable(fd));
        co_await turns(1);
        AsyncFd other(std::move(fd));
        EXPECT_FALSE(fd);  // NOLINT(bugprone-use-after-move): that is the question
        EXPECT_EQ(thrown<RuntimeError>([&] { (void)fd.readable(); }),
                  "AsyncFd.readable() on an empty handle");
        pair.b.send("x");
        const std::string text = co_await waiting;
        EXPECT_EQ(text, "no error");
        other = AsyncFd(pair.b.fd);
        EXPECT_EQ(other.fileno(), pair.b.fd);
        EXPECT_EQ(loop().stats().descriptors, 1U);
    });
}

TEST_F(AsyncFdTest, RefusesWhatCannotBeWatched) {
    EXPECT_EQ(thrown<RuntimeError>([&] { AsyncFd fd(a); }), "no running event loop");
    run([&]() -> Coro<> {
        EXPECT_EQ(thrown<ValueError>([] { AsyncFd fd(-1); }), "Invalid file descriptor: -1");
        const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        EXPECT_EQ(thrown<PermissionError>([&] { AsyncFd fd(file); }),
                  "epoll_ctl on descriptor " + std::to_string(file) + ": Operation not permitted");
        EXPECT_NE(::fcntl(file, F_GETFD), -1);
        EXPECT_THROW(AsyncFd(file, AsyncFd::own), PermissionError);
        EXPECT_EQ(::fcntl(file, F_GETFD), -1);
        EXPECT_EQ(loop().stats().descriptors, 0U);
        co_return;
    });
}

TEST_F(AsyncFdTest, IsTheOnlyOneThatWatches) {
    run([&]() -> Coro<> {
        const std::string number = std::to_string(a);
        {
            AsyncFd fd(a);
            EXPECT_EQ(thrown<RuntimeError>([&] { AsyncFd second(a); }),
                      "File descriptor " + number + " is already watched by the loop");
            EXPECT_THROW(loop().add_reader(a, [] {}), RuntimeError);
            co_await fd.writable();
        }
        loop().add_reader(a, [] {});
        EXPECT_THROW(AsyncFd fd(a), RuntimeError);
        loop().remove_reader(a);
        const AsyncFd fd(a);
    });
}

// A library may have closed it: the kernel tells nobody. Who calls hears of it; a wait goes on until it is
// ended.
TEST_F(AsyncFdTest, ADescriptorThatWasClosedUnderneath) {
    run([&]() -> Coro<> {
        AsyncFd fd(a);
        const FdReady ready = co_await fd.writable();
        const Task<std::string> limited = create_task(readable(fd, 1h));
        const Task<std::string> cancelled = create_task(readable(fd));
        const Task<std::string> ended = create_task(readable(fd));
        co_await turns(1);
        pair.a.close();
        EXPECT_EQ(ready.try_io(::write, a, "x", std::size_t{1}), -1);
        EXPECT_EQ(errno, EBADF);
        EXPECT_TRUE(ready.recheck()) << "the call will tell";
        cancelled.cancel();
        std::string text = co_await limited;
        EXPECT_EQ(text, "TimeoutError");
        fd.close();
        text = co_await ended;
        EXPECT_NE(text.find("Bad file descriptor"), std::string::npos);
        EXPECT_TRUE(cancelled.done());
        EXPECT_EQ(loop().stats().descriptors, 0U);
    });
}

// Its number is somebody else's by now. That one is refused until the AsyncFd is gone, which leaves it alone.
TEST_F(AsyncFdTest, ADescriptorThatWasClosedUnderneathAndIsUsedAgain) {
    run([&]() -> Coro<> {
        AsyncFd stale(a);
        const Task<std::string> waiting = create_task(readable(stale));
        co_await turns(1);
        const Fd copy(::dup(a));  // keeps the old registration in the kernel
        pair.a.close();
        SocketPair other;
        if (other.a.fd != a) other.a = Fd(::fcntl(other.a.fd, F_DUPFD_CLOEXEC, a));
        EXPECT_EQ(other.a.fd, a);
        EXPECT_THROW(AsyncFd fd(a), RuntimeError);
        EXPECT_THROW(loop().add_reader(a, [] {}), RuntimeError);
        pair.b.send("for the copy");
        co_await waiting;  // as for the descriptor, so for who uses its number
        stale.close();
        AsyncFd fresh(a);
        other.b.send("x");
        std::string text;
        while (text.empty()) {
            const FdReady ready = co_await fresh.readable(1h);
            text = drain(ready);
        }
        EXPECT_EQ(text, "x");
        EXPECT_EQ(copy.recv(), "for the copy");
        pair.b.send("once more, to nobody");
        text = co_await readable(fresh, 1h);
        EXPECT_EQ(text, "TimeoutError");
    });
}

TEST_F(AsyncFdTest, OutlivesItsLoop) {
    AsyncFd kept;
    EXPECT_FALSE(kept);
    {
        const EventLoopPtr other = new_event_loop();
        other->run_until_complete([&]() -> Coro<> {
            kept = AsyncFd(a);
            const auto forever = [&]() -> Coro<> { co_await kept.readable(); };
            const Task<> left = create_task(forever);
            co_await turns(1);
            other->set_exception_handler([](EventLoop&, const ExceptionContext&) {});  // it is pending
        }());
    }
    EXPECT_EQ(kept.fileno(), a);
    run([&]() -> Coro<> {
        std::string text = co_await readable(kept);
        EXPECT_EQ(text, "Event loop is closed");
        AsyncFd here(a);
        kept.close();  // leaves the new one alone
        pair.b.send("x");
        text = co_await readable(here, 1min);
        EXPECT_EQ(text, "no error");
    });
}

TEST_F(AsyncFdTest, BelongsToOneLoop) {
    const EventLoopPtr other = new_event_loop();
    AsyncFd fd;
    other->run_until_complete([&]() -> Coro<> {
        fd = AsyncFd(a);
        co_return;
    }());
    run([&]() -> Coro<> {
        const std::string text = co_await readable(fd);
        EXPECT_EQ(text, "AsyncFd.readable() of descriptor " + std::to_string(a) +
                            " is bound to a different event loop");
    });
    fd.close();
}

TEST_F(AsyncFdTest, ShowsWhatATaskWaitsFor) {
    run([&]() -> Coro<> {
        AsyncFd fd(a);
        const Task<std::string> waiting = create_task(readable(fd));
        co_await turns(1);
        EXPECT_NE(format_task_tree(loop()).find("AsyncFd.readable() of descriptor"), std::string::npos)
            << format_task_tree(loop());
        pair.b.send("x");
        co_await waiting;
    });
}

// --- kinds of descriptors --------------------------------------------------------------------------

struct AsyncFdKinds : ::testing::Test, aio::testing::LoopTest {};

TEST_F(AsyncFdKinds, UrgentData) {
    run([&]() -> Coro<> {
        auto [ours, peer] = tcp_pair();
        const int a = ours.fileno();
        AsyncFd fd(std::move(ours));
        write_text(peer.fileno(), "x");
        co_await fd.readable();
        const std::string text = co_await caught([&]() -> Coro<> { co_await fd.priority(1s); }());
        EXPECT_EQ(text, "TimeoutError");
        EXPECT_EQ(::send(peer.fileno(), "!", 1, MSG_OOB | MSG_NOSIGNAL), 1);
        const FdReady ready = co_await fd.priority();
        char byte = 0;
        EXPECT_EQ(ready.try_io([&] { return ::recv(a, &byte, 1, MSG_OOB); }), 1);
        EXPECT_EQ(byte, '!');
    });
}

TEST_F(AsyncFdKinds, Pipes) {
    run([&]() -> Coro<> {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0);
        const Fd out(ends[0]);
        AsyncFd in(ends[1], AsyncFd::own);
        {
            AsyncFd reader(out.fd);
            const FdReady writable = co_await in.writable();
            EXPECT_EQ(writable.try_io([&] { return ::write(in.fileno(), "pipe", 4); }), 4);
            const FdReady ready = co_await reader.readable();
            std::string text(10, '\0');
            EXPECT_EQ(ready.try_io([&] { return ::read(out.fd, text.data(), text.size()); }), 4);
            EXPECT_EQ(ready.try_io([&] { return ::read(out.fd, text.data(), text.size()); }), std::nullopt);
            in.close();
            const FdReady end = co_await reader.readable();
            EXPECT_TRUE(end.peer_closed());
            EXPECT_EQ(end.try_io([&] { return ::read(out.fd, text.data(), text.size()); }), 0);
        }
    });
}

TEST_F(AsyncFdKinds, AWriterLearnsThatNobodyReads) {
    run([&]() -> Coro<> {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0);
        Fd out(ends[0]);
        AsyncFd in(ends[1], AsyncFd::own);
        const std::string block(4096, 'x');
        FdReady ready = co_await in.writable();
        while (ready.try_io([&] { return ::write(in.fileno(), block.data(), block.size()); })) {
        }
        loop().call_soon([&] { out.close(); });
        ready = co_await in.writable();
        EXPECT_TRUE(ready.error());
    });
}

TEST_F(AsyncFdKinds, Inotify) {
    run([&]() -> Coro<> {
        std::string folder = (std::filesystem::temp_directory_path() / "aio-inotify-XXXXXX").string();
        EXPECT_NE(::mkdtemp(folder.data()), nullptr);
        AsyncFd watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC), AsyncFd::own);
        EXPECT_GE(::inotify_add_watch(watch.fileno(), folder.c_str(), IN_CLOSE_WRITE), 0);
        for (int i = 0; i < 3; ++i) {
            const std::string name = "file" + std::to_string(i);
            loop().call_soon([&] { std::ofstream(folder + "/" + name) << "text"; });
            alignas(inotify_event) std::array<char, 4096> events{};
            std::optional<ssize_t> size;
            while (!size) {
                const FdReady ready = co_await watch.readable(1h);
                size = ready.try_io(::read, watch.fileno(), events.data(), events.size());
            }
            EXPECT_EQ(reinterpret_cast<inotify_event*>(events.data())->name, name);
        }
        std::filesystem::remove_all(folder);
    });
}

}  // namespace
}  // namespace aio::tests
