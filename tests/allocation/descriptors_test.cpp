// SPDX-License-Identifier: MIT
// What waiting on descriptors costs, and memory that runs out meanwhile.
#include <allocation/operation.hpp>
#include <support/fd.hpp>

#include <aio/net/sock.hpp>
#include <aio/transport/async_fd.hpp>

#include <gtest/gtest.h>
#include <netdb.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace {
int epoll_ctl_calls = 0;
}

// The C library's, counted.
extern "C" int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
    ++epoll_ctl_calls;
    return static_cast<int>(::syscall(SYS_epoll_ctl, epoll, operation, fd, event));
}

namespace aio::tests {
namespace {

// Reads until nothing is there.
bool empty(const FdReady& ready, int fd) {
    char byte = 0;
    while (const auto count = ready.try_io(::read, fd, &byte, std::size_t{1})) {
        if (*count <= 0) return false;
    }
    return true;
}

TEST(CostOfAsyncFd, NeitherMemoryNorEpollCtlForAWait) {
    if (!testing::FailingAllocation::available()) GTEST_SKIP() << "the sanitizer has its own operator new";
    const SocketPair pair;
    Scene scene;
    std::size_t memory = 0;
    int system_calls = 0;
    bool right = true;
    scene.run([&]() -> Coro<> {
        const AsyncFd fd(pair.a.fd);
        const auto answer = [&] { pair.b.send("x"); };
        const testing::FailingAllocation counting(0);
        for (int round = 0; round < 10; ++round) {
            if (round == 2) {  // the loop's own arrays have grown
                memory = counting.count();
                system_calls = epoll_ctl_calls;
            }
            answer();
            const FdReady ready = co_await fd.readable(1h);
            right = right && empty(ready, pair.a.fd);
            co_await fd.writable();
        }
        memory = counting.count() - memory;
        system_calls = epoll_ctl_calls - system_calls;
    });
    EXPECT_TRUE(right);
    EXPECT_EQ(memory, 0U);
    EXPECT_EQ(system_calls, 0);
    EXPECT_GT(epoll_ctl_calls, 0);  // they are counted
}

TEST(AllocationAsyncFd, Waits) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const auto pair = std::make_shared<SocketPair>();
        const AsyncFd fd(pair->a.fd);
        scene.loop->call_later(1s, [pair] { pair->b.send("x"); });
        bool right = false;
        try {
            const FdReady ready = co_await fd.readable(1h);
            right = empty(ready, pair->a.fd);
            co_await fd.readable(1s);
        } catch (const TimeoutError&) {
            co_return right;
        }
        co_return false;
    });
}
TEST(AllocationAsyncFd, SeveralWait) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const SocketPair pair;
        const auto fd = std::make_shared<AsyncFd>(pair.a.fd);
        const auto wait = [](std::shared_ptr<AsyncFd> on) -> Coro<> {
            const Counted counted;
            co_await on->readable(1h);
        };
        const Task<> first = create_task(wait, fd);
        const Task<> second = create_task(wait, fd);
        scene.loop->call_later(1s, [fd] { fd->close(); });
        int closed = 0;
        for (const Task<>& task : {first, second}) {
            try {
                co_await task;
            } catch (const OSError& error) {
                closed += error.error_number() == EBADF ? 1 : 0;
            }
        }
        co_return closed == 2;
    });
}

// A socket on its own costs two calls for each wait; an AsyncFd beside it none.
TEST(CostOfSock, AnAsyncFdSparesEpollCtl) {
    const SocketPair pair;
    Scene scene;
    int system_calls[2] = {};
    scene.run([&]() -> Coro<> {
        std::optional<AsyncFd> fd;
        for (int& count : system_calls) {
            const int before = epoll_ctl_calls;
            for (int round = 0; round < 10; ++round) {
                scene.loop->call_later(1s, [&] { pair.b.send("x"); });
                const std::string text = co_await sock_recv(TransportSocket(pair.a.fd), 10);
                EXPECT_EQ(text, "x");
            }
            count = epoll_ctl_calls - before;
            if (!fd) fd.emplace(pair.a.fd);
        }
    });
    EXPECT_EQ(system_calls[0], 20);
    EXPECT_EQ(system_calls[1], 0);
}

TEST(AllocationSock, Conversation) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const Socket listener = Socket::stream(AF_INET);
        listener.bind(SocketAddress("127.0.0.1", 0));
        listener.listen(1);
        const Socket client = Socket::stream(AF_INET);
        co_await sock_connect(client, listener.getsockname());
        const auto accepted = co_await sock_accept(listener);
        const auto answer = [](int fd) -> Coro<> {
            const Counted counted;
            const TransportSocket socket(fd);
            const std::string question = co_await sock_recv(socket, 1000);
            co_await sock_sendall(socket, question);
        };
        const Task<> answering = create_task(answer, accepted.first.fileno());
        struct Stop {
            Task<> task;
            ~Stop() { task.cancel(); }
        } const stop{answering};
        const std::string text = long_text();
        co_await sock_sendall(client, text);
        try {
            const auto received = co_await wait_for(sock_recvfrom(client, 1000), 1min);
            co_return received.first == text;
        } catch (const TimeoutError&) {
            answering.result();  // why there was no answer
            co_return false;
        }
    });
}

TEST(AllocationSock, SeveralOnOneDescriptor) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const auto pair = std::make_shared<SocketPair>();
        const auto receive = [](std::shared_ptr<SocketPair> ends) -> Coro<std::string> {
            const Counted counted;
            std::string text = co_await sock_recv(TransportSocket(ends->a.fd), 1);
            co_return std::move(text);
        };
        const Task<std::string> first = create_task(receive, pair);
        struct Stop {
            Task<std::string> task;
            ~Stop() { task.cancel(); }
        } const stop{first};
        const Task<std::string> second = create_task(receive, pair);
        const Stop stop_second{second};
        scene.loop->call_later(1s, [pair] { pair->b.send("xy"); });
        const std::string one = co_await first;
        const std::string other = co_await second;
        co_return one.size() + other.size() == 2;
    });
}
TEST(AllocationSock, Datagrams) {
    out_of_memory_in([](Scene& scene) -> Coro<bool> {
        const Socket one = Socket::datagram(AF_INET);
        const auto other = std::make_shared<Socket>(Socket::datagram(AF_INET));
        one.bind(SocketAddress("127.0.0.1", 0));
        other->bind(SocketAddress("127.0.0.1", 0));
        const std::string text = long_text();
        const std::size_t sent = co_await sock_sendto(one, text, other->getsockname());
        const auto received = co_await sock_recvfrom(*other, 1000);
        scene.loop->call_later(1s, [other, native = one.getsockname()] {
            ::sendto(other->fileno(), "x", 1, MSG_NOSIGNAL, native.native(), native.native_size());
        });
        std::string memory(10, '.');
        const auto into = co_await sock_recvfrom_into(one, memory);
        co_return sent == text.size() && received.first == text&& into.first == 1 &&
            into.second == other->getsockname();
    });
}

TEST(AllocationNames, LookUpInAThread) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        const auto found = co_await getaddrinfo("127.0.0.1", 80, AddrInfoOptions().flags(AI_NUMERICHOST));
        co_return !found.empty();
    });
}

}  // namespace
}  // namespace aio::tests
