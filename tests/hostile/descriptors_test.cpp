// SPDX-License-Identifier: MIT
// AsyncFd and the sock_ functions: the calls that they make for others, and the frames that wait.
#include <hostile/actions.hpp>

#include <aio/net/sock.hpp>
#include <aio/transport/async_fd.hpp>

#include <gtest/gtest.h>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

namespace aio::tests {
namespace {

using FdPtr = std::shared_ptr<AsyncFd>;

// One end of a pair, from which something can be read if the peer has `sent`; closed when the world lets go.
FdPtr registered(World& w, const char* sent) {
    SocketPair pair;
    if (*sent) pair.b.send(sent);
    w.ours = std::move(pair.a);
    w.peer = std::move(pair.b);
    auto fd = std::make_shared<AsyncFd>();
    w.let_go.push_back([fd] { fd->close(); });
    return fd;
}
Coro<> waits_once(World& w, FdPtr fd, std::optional<FdReady>& ready) {
    *fd = AsyncFd(w.ours.fd);
    ready = co_await fd->readable();
}
// The local object's destructor is the foreign code.
Coro<> waits_with_a_local(World& w, FdPtr fd, const char* name) {
    try {
        const Hostile local(w, name);
        if (!*fd) *fd = AsyncFd(w.ours.fd);
        co_await fd->readable();
        co_await fd->priority();
    } catch (const OSError&) {
    } catch (const RuntimeError&) {  // the loop is closed
    }
}
Coro<> receives_with_a_local(World& w, int descriptor, const char* name) {
    try {
        const Hostile local(w, name);
        for (int i = 0; i < 2; ++i) co_await sock_recv(TransportSocket(descriptor), 1);
    } catch (const OSError&) {
    }
}

TEST(HostileAsyncFd, CallOfTryIo) {
    everything(has::exceptions | has::descriptor, [](World& w) {
        const FdPtr fd = registered(w, "x");
        std::optional<FdReady> ready;
        w.loop->create_task(waits_once(w, fd, ready));
        w.turns();
        ASSERT_TRUE(ready);
        w.loop->call_soon([&] {
            ready->try_io([&w] {
                w.strike("call");
                errno = EAGAIN;
                return -1;
            });
            ready->recheck();
        });
        w.turns();
        fd->close();
    });
}
TEST(HostileAsyncFd, FrameThatLosesItsDescriptor) {
    everything(has::descriptor, [](World& w) {
        const FdPtr fd = registered(w, "x");
        const Task<> first = w.loop->create_task(waits_with_a_local(w, fd, "first"));
        const Task<> second = w.loop->create_task(waits_with_a_local(w, fd, "second"));
        w.turns();
        fd->close();
        w.turns();
    });
}
TEST(HostileAsyncFd, FrameThatIsCancelled) {
    everything(has::descriptor, [](World& w) {
        const FdPtr fd = registered(w, "");
        w.task = w.loop->create_task(waits_with_a_local(w, fd, "first"));
        const Task<> second = w.loop->create_task(waits_with_a_local(w, fd, "second"));
        w.turns();
        w.task.cancel();
        w.turns();
        fd->close();
        w.turns();
    });
}
TEST(HostileAsyncFd, FrameOfAClosedLoop) {
    everything(has::descriptor, [](World& w) {
        w.handled = false;  // it is pending
        const FdPtr fd = registered(w, "");
        w.loop->create_task(waits_with_a_local(w, fd, "first"));
        w.turns();
        w.loop->close();
        fd->close();
    });
}
TEST(HostileSock, FrameThatReceives) {
    everything(has::descriptor, [](World& w) {
        w.handled = false;  // it is pending at last
        registered(w, "x");
        w.task = w.loop->create_task(receives_with_a_local(w, w.ours.fd, "first"));
        const Task<> second = w.loop->create_task(receives_with_a_local(w, w.ours.fd, "second"));
        w.turns();
        w.task.cancel();
        w.turns();
    });
}

}  // namespace
}  // namespace aio::tests
