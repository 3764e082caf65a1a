// SPDX-License-Identifier: MIT
// Waiting on descriptors, cancelled at every point: no byte is lost, and no registration left.
#include <net/net_support.hpp>
#include <support/inject.hpp>

#include <aio/net/sock.hpp>
#include <aio/transport/async_fd.hpp>

#include <netdb.h>
#include <sys/socket.h>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// What the peer sent is read by the subject or still there.
struct Receives : Scenario {
    Socket ours;
    Socket peer;
    std::string taken;
    std::string left;
    std::vector<const char*> pieces{"one", "two", "three"};

    Coro<> prepare() override {
        std::tie(ours, peer) = socket_pair();
        co_return;
    }
    Coro<> others() override {
        for (const char* piece : pieces) {
            co_await sleep(1s);
            write_text(peer.fileno(), piece);
        }
        co_await sleep(1s);
        peer.close();
    }
    Coro<> finish() override {
        left = read_all(ours.fileno());
        co_return;
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(taken + left, "onetwothree");
    }
};

struct WaitsForReadable : Receives {
    Coro<> subject() override {
        const AsyncFd fd(ours.fileno());
        std::array<char, 4> piece{};
        for (;;) {
            const FdReady ready = co_await fd.readable();
            const auto count = ready.try_io(::read, fd.fileno(), piece.data(), piece.size());
            if (!count) continue;
            if (*count == 0) break;
            taken.append(piece.data(), static_cast<std::size_t>(*count));
        }
    }
};
TEST(DescriptorsInjection, Readable) { inject<WaitsForReadable>(25); }

// The same, with a limit that never passes and somebody who waits beside it.
struct WaitsWithALimit : WaitsForReadable {
    std::optional<AsyncFd> fd;
    Coro<> prepare() override {
        co_await WaitsForReadable::prepare();
        fd.emplace(ours.fileno());
    }
    Coro<> subject() override {
        std::array<char, 4> piece{};
        for (;;) {
            const FdReady ready = co_await fd->readable(1h);
            const auto count = ready.try_io(::read, fd->fileno(), piece.data(), piece.size());
            if (!count) continue;
            if (*count == 0) break;
            taken.append(piece.data(), static_cast<std::size_t>(*count));
        }
    }
    Coro<> others() override {
        const auto beside = [&]() -> Coro<> { co_await fd->priority(1h); };  // woken at the end
        const Task<> waits = create_task(beside);
        co_await WaitsForReadable::others();
        co_await waits;
    }
    Coro<> finish() override {
        fd.reset();
        co_await WaitsForReadable::finish();
    }
};
TEST(DescriptorsInjection, ReadableWithALimit) { inject<WaitsWithALimit>(25); }

// Room comes three times; each time it is filled again.
struct WaitsForWritable : Scenario {
    std::pair<Socket, Socket> ends = socket_pair(kSmallBuffer);
    int times = 0;
    Coro<> subject() override {
        const AsyncFd fd(ends.first.fileno());
        const std::string block(4096, 'x');
        for (;;) {
            const FdReady ready = co_await fd.writable();
            while (ready.try_io(::write, fd.fileno(), block.data(), block.size())) {
            }
            if (++times == 4) break;
        }
    }
    Coro<> others() override {
        for (int i = 0; i < 3; ++i) {
            co_await sleep(1s);
            read_all(ends.second.fileno());
        }
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        if (outcome.cancels == 0) {
            EXPECT_EQ(times, 4);
        }
    }
};
TEST(DescriptorsInjection, Writable) { inject<WaitsForWritable>(16); }

// --- the sock_ functions --------------------------------------------------------------------------

struct SockReceives : Receives {
    Coro<> subject() override {
        for (;;) {
            const std::string some = co_await sock_recv(ours, 4);
            if (some.empty()) break;
            taken += some;
        }
    }
};
struct SockReceivesInto : Receives {
    std::string memory = std::string(4, '\0');
    Coro<> subject() override {
        for (;;) {
            const std::size_t count = co_await sock_recv_into(ours, memory);
            if (count == 0) break;
            taken.append(memory, 0, count);
        }
    }
};
struct SockReceivesFrom : Receives {
    Coro<> subject() override {
        for (;;) {
            const auto packet = co_await sock_recvfrom(ours, 4);
            if (packet.first.empty()) break;
            taken += packet.first;
        }
    }
};
TEST(DescriptorsInjection, SockRecv) { inject<SockReceives>(25); }
TEST(DescriptorsInjection, SockRecvInto) { inject<SockReceivesInto>(25); }
struct SockReceivesFromInto : Receives {
    std::string memory = std::string(4, '\0');
    Coro<> subject() override {
        for (;;) {
            const auto packet = co_await sock_recvfrom_into(ours, memory);
            if (packet.first == 0) break;
            taken.append(memory, 0, packet.first);
        }
    }
};
TEST(DescriptorsInjection, SockRecvfrom) { inject<SockReceivesFrom>(25); }
TEST(DescriptorsInjection, SockRecvfromInto) { inject<SockReceivesFromInto>(25); }

// What arrives is a beginning of what was sent, and everything if the call has ended.
struct SockSends : Scenario {
    std::pair<Socket, Socket> ends = socket_pair(kSmallBuffer);
    const std::string data = std::string(300'000, 'x');
    std::size_t received = 0;
    Coro<> subject() override { co_await sock_sendall(ends.first, data); }
    Coro<> others() override {
        for (int i = 0; i < 60; ++i) {
            co_await sleep(10ms);
            received += read_all(ends.second.fileno()).size();
        }
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_LE(received, data.size());
        if (outcome.cancels == 0) {
            EXPECT_EQ(received, data.size());
        }
    }
};
TEST(DescriptorsInjection, SockSendall) { inject<SockSends>(12); }

// Datagrams to a peer whose queue is full now and then: each goes whole, in order.
struct SockSendsTo : Scenario {
    std::pair<Socket, Socket> ends = datagram_pair();
    int sent = 0;
    std::string received;
    static std::pair<Socket, Socket> datagram_pair() {
        std::array<int, 2> both{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both.data()), 0);
        return {Socket(both[0]), Socket(both[1])};
    }
    Coro<> prepare() override {
        while (::send(ends.first.fileno(), "x", 1, MSG_DONTWAIT) == 1) {
        }
        co_return;
    }
    Coro<> subject() override {
        for (; sent < 3; ++sent) {
            const std::size_t count = co_await sock_sendto(
                ends.first, std::string_view("abc").substr(static_cast<std::size_t>(sent), 1),
                SocketAddress());
            EXPECT_EQ(count, 1U);
        }
    }
    Coro<> others() override {
        co_await sleep(1s);
        received = read_all(ends.second.fileno());
    }
    Coro<> finish() override {
        received += read_all(ends.second.fileno());
        received.erase(0, received.find_last_of('x') + 1);
        co_return;
    }
    void check(const Outcome& outcome) override {
        Scenario::check(outcome);
        EXPECT_EQ(received, std::string("abc").substr(0, static_cast<std::size_t>(sent)));
    }
};
TEST(DescriptorsInjection, SockSendto) { inject<SockSendsTo>(6); }

// Whoever accepts a connection has it, or it is still in the queue.
struct SockAccepts : Scenario {
    Socket listener = bound_socket();
    Socket client = Socket::stream(AF_INET);
    Socket accepted;
    Coro<> prepare() override {
        listener.listen(1);
        co_return;
    }
    Coro<> subject() override {
        auto connection = co_await sock_accept(listener);
        accepted = std::move(connection.first);
    }
    Coro<> others() override {
        co_await sleep(1s);
        co_await sock_connect(client, listener.getsockname());
    }
    Coro<> finish() override {
        if (accepted) co_return;
        auto connection = co_await sock_accept(listener);
        EXPECT_EQ(connection.second, client.getsockname());
    }
};
TEST(DescriptorsInjection, SockAccept) { inject<SockAccepts>(6); }

// A cancelled one may be tried again.
struct SockConnects : Scenario {
    Socket listener = bound_socket();
    Socket client = Socket::stream(AF_INET);
    Coro<> prepare() override {
        listener.listen(1);
        co_return;
    }
    Coro<> subject() override { co_await sock_connect(client, listener.getsockname()); }
    Coro<> finish() override {
        try {
            co_await sock_connect(client, listener.getsockname());
        } catch (const OSError& error) {
            EXPECT_EQ(error.error_number(), EISCONN);
        }
        EXPECT_EQ(client.getpeername(), listener.getsockname());
    }
};
TEST(DescriptorsInjection, SockConnect) { inject<SockConnects>(1); }

struct LooksUp : Scenario {
    Coro<> subject() override {
        const auto found = co_await getaddrinfo("localhost", 80, AddrInfoOptions());
        EXPECT_FALSE(found.empty());
    }
};
// How long a thread takes is open: at least before it began, while it waited, and when it was woken.
TEST(DescriptorsInjection, Getaddrinfo_Thread) { inject<LooksUp>(3); }

}  // namespace
}  // namespace aio::tests
