// SPDX-License-Identifier: MIT
// Reads that stop short although more is there.
#include <net/socket_transport_support.hpp>
#include <support/child.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <cstring>

namespace aio::tests {
namespace {

/// Counts the calls of recv: each is preceded by one of get_buffer(), and followed by one of buffer_updated()
/// if it was not in vain.
struct Counting final : BufferedProtocol {
    std::span<char> get_buffer(std::size_t) override {
        ++reads;
        return memory;
    }
    void buffer_updated(std::size_t count) override {
        received.append(memory.data(), count);
        ++chunks;
    }
    std::array<char, 10'000> memory{};
    std::string received;
    int reads = 0;
    int chunks = 0;
};

// Sends `text` with a descriptor attached to it.
void send_with_descriptor(int fd, std::string text) {
    iovec vector{text.data(), text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int attached = STDERR_FILENO;
    std::memcpy(CMSG_DATA(header), &attached, sizeof attached);
    ASSERT_EQ(::sendmsg(fd, &message, MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
}

void send_urgent(int fd, const std::string& text) {
    ASSERT_EQ(::send(fd, text.data(), text.size(), MSG_OOB | MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
}

class SplitReads : public SocketTransportTest {
protected:
    std::shared_ptr<Counting> counting = std::make_shared<Counting>();
    Ref<Transport> transport;

    void over_tcp() {
        auto [ours, theirs] = tcp_pair(64 * 1024);  // takes all that is sent while nobody looks
        theirs.view().setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
        begin(std::move(ours), std::move(theirs));
    }
    void over_unix() {
        auto [ours, theirs] = socket_pair();
        begin(std::move(ours), std::move(theirs));
    }
    void begin(Socket ours, Socket theirs) {
        peer = std::move(theirs);
        counting = std::make_shared<Counting>();
        transport = make_socket_transport(loop(), std::move(ours), counting);
    }
    // What the loop receives up to `end`, all of which was sent while it did not look; less if that never
    // comes.
    Coro<std::string> taken(std::string end) {
        const auto patience = std::chrono::steady_clock::now() + 10s;
        co_await until(
            [&] { return counting->received.ends_with(end) || std::chrono::steady_clock::now() > patience; });
        co_return std::exchange(counting->received, "");
    }
    Coro<> end() {
        transport->abort();
        co_await turns(2);
    }
};

TEST_F(SplitReads, UrgentDataDoesNotHoldUpWhatFollows) {
    run([&]() -> Coro<> {
        over_tcp();
        co_await turns(2);
        write_text(peer.fileno(), "before");
        send_urgent(peer.fileno(), "!");
        write_text(peer.fileno(), "after");
        EXPECT_EQ(co_await taken("after"), "beforeafter");
        send_urgent(peer.fileno(), "urgent!");
        EXPECT_EQ(co_await taken("urgent"), "urgent");
        for (const char* const text : {"a", "b", "c"}) {
            send_urgent(peer.fileno(), std::string(text) + "!");
            write_text(peer.fileno(), "-");
        }
        std::string text = co_await taken("c-");
        std::erase(text, '!');  // each is urgent until the next has come
        EXPECT_EQ(text, "a-b-c-");
        write_text(peer.fileno(), "ordinary again");
        EXPECT_EQ(co_await taken("again"), "ordinary again");
        co_await end();
    });
}

TEST_F(SplitReads, UrgentDataInItsPlaceDoesNotHoldUpWhatFollows) {
    run([&]() -> Coro<> {
        over_tcp();
        TransportSocket(transport->fd()).setsockopt(SOL_SOCKET, SO_OOBINLINE, 1);
        co_await turns(2);
        write_text(peer.fileno(), "before");
        send_urgent(peer.fileno(), "!");
        write_text(peer.fileno(), "after");
        EXPECT_EQ(co_await taken("after"), "before!after");
        co_await end();
    });
}

TEST_F(SplitReads, UrgentDataIsRememberedWhileReadingIsPaused) {
    run([&]() -> Coro<> {
        over_tcp();
        co_await turns(2);
        transport->pause_reading();
        write_text(peer.fileno(), "before");
        send_urgent(peer.fileno(), "!");
        write_text(peer.fileno(), "after");
        co_await settle_for_real(2ms);
        EXPECT_EQ(counting->received, "");
        transport->resume_reading();
        EXPECT_EQ(co_await taken("after"), "beforeafter");
        co_await end();
    });
}

TEST_F(SplitReads, UrgentDataOfAUnixSocket) {
    run([&]() -> Coro<> {
        over_unix();
        co_await turns(2);
        write_text(peer.fileno(), "before");
        if (::send(peer.fileno(), "!", 1, MSG_OOB | MSG_NOSIGNAL) != 1) {
            co_await end();
            co_return;  // before Linux 5.15
        }
        write_text(peer.fileno(), "after");
        EXPECT_EQ(co_await taken("after"), "beforeafter");
        co_await end();
    });
}

TEST_F(SplitReads, AttachedDescriptorsDoNotHoldUpWhatFollows) {
    run([&]() -> Coro<> {
        over_unix();
        co_await turns(2);
        const int before = open_descriptors();
        send_with_descriptor(peer.fileno(), "one,");
        write_text(peer.fileno(), "two,");
        send_with_descriptor(peer.fileno(), "three,");
        send_with_descriptor(peer.fileno(), "four");
        EXPECT_EQ(co_await taken("four"), "one,two,three,four");
        write_text(peer.fileno(), "first");
        send_with_descriptor(peer.fileno(), "second");
        write_text(peer.fileno(), "third");
        EXPECT_EQ(co_await taken("third"), "firstsecondthird");
        EXPECT_EQ(open_descriptors(), before) << "nobody keeps what was attached";
        co_await end();
    });
}

TEST_F(SplitReads, SendersThatAreToldApartDoNotHoldUpEachOther) {
    run([&]() -> Coro<> {
        over_unix();
        TransportSocket(transport->fd()).setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
        co_await turns(2);
        for (const char* const text : {"one,", "two,"}) {
            write_text(peer.fileno(), text);
            EXPECT_EQ(run_in_child([&] { write_text(peer.fileno(), "child,"); }), "exit 0");
        }
        EXPECT_EQ(co_await taken("two,child,"), "one,child,two,child,");
        co_await end();
    });
}

// Not TCP and not Unix, so that nothing is known about its reads; these give one datagram each.
TEST_F(SplitReads, AnUnknownKindOfSocketIsReadUntilNothingIsThere) {
    run([&]() -> Coro<> {
        Socket ours(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        Socket theirs(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        ours.bind(SocketAddress("127.0.0.1", 0));
        theirs.bind(SocketAddress("127.0.0.1", 0));
        const auto join = [](const Socket& a, const SocketAddress& b) {
            ASSERT_EQ(::connect(a.fileno(), b.native(), b.native_size()), 0);
        };
        join(ours, theirs.getsockname());
        join(theirs, ours.getsockname());
        begin(std::move(ours), std::move(theirs));
        co_await turns(2);
        for (const char* const text : {"one,", "two,", "three"}) write_text(peer.fileno(), text);
        EXPECT_EQ(co_await taken("three"), "one,two,three");
        write_text(peer.fileno(), "four");
        EXPECT_EQ(co_await taken("four"), "four");
        co_await end();
    });
}

// What the rest must not cost: a second call for each message, to hear that nothing is there.
TEST_F(SplitReads, OrdinaryMessagesAreOneReadEach) {
    run([&]() -> Coro<> {
        for (const bool tcp : {true, false}) {
            tcp ? over_tcp() : over_unix();
            co_await turns(2);
            for (int i = 1; i <= 50; ++i) {
                write_text(peer.fileno(), "message");
                co_await until([&] { return counting->chunks == i; });
                co_await turns(3);
            }
            EXPECT_EQ(counting->reads, 50);
            send_urgent(peer.fileno(), tcp ? "urgent!" : "!");
            write_text(peer.fileno(), "after");
            co_await until([&] { return counting->received.ends_with("after"); });
            co_await settle_for_real(5ms);
            const int extra = counting->reads - counting->chunks;
            EXPECT_GE(extra, tcp && loop().poller().name() == "epoll" ? 1 : 0);
            EXPECT_LE(extra, 3);
            for (int i = 1; i <= 50; ++i) {
                const int before = counting->chunks;
                write_text(peer.fileno(), "message");
                co_await until([&] { return counting->chunks == before + 1; });
                co_await turns(3);
            }
            EXPECT_EQ(counting->reads - counting->chunks, extra) << "as before again";
            co_await end();
        }
    });
}

}  // namespace
}  // namespace aio::tests
