// SPDX-License-Identifier: MIT
#include <support/caught.hpp>
#include <support/tcp.hpp>
#include <support/temporary_file.hpp>
#include <transport/sendfile_support.hpp>

#include <aio/transport/no_sigpipe_impl.hpp>

#include <sys/sendfile.h>
#include <unistd.h>
#include <csignal>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

constexpr std::size_t kMuch = 3'000'000;

TEST_F(Sendfile, ComesBehindWhatIsBuffered) {
    run([&]() -> Coro<> {
        co_await connect(kSmallBuffer);
        const TemporaryFile file(numbered(kMuch));
        const std::string head(300'000, '-');
        writer().write(head);
        EXPECT_GT(writer().transport().get_write_buffer_size(), 0U);
        auto receiving = create_task(received(head.size() + kMuch));
        EXPECT_EQ(co_await writer().sendfile(file.fd()), kMuch);
        EXPECT_EQ(file.position(), static_cast<long>(kMuch));
        writer().write("!");
        std::string text = co_await receiving;
        text += co_await received(text.size() < head.size() + kMuch + 1 ? 1 : 0);
        EXPECT_TRUE(text == head + numbered(kMuch) + "!");
        EXPECT_EQ(writer().transport().get_write_buffer_limits(), (WriteBufferLimits{16 * 1024, 64 * 1024}));
    });
}

TEST_F(Sendfile, OffsetAndCount) {
    run([&]() -> Coro<> {
        co_await connect();
        const TemporaryFile file("0123456789");
        EXPECT_EQ(co_await writer().sendfile(file.fd(), SendfileOptions().offset(7)), 3U);
        EXPECT_EQ(co_await writer().sendfile(file.fd(), SendfileOptions().offset(1).count(2)), 2U);
        EXPECT_EQ(file.position(), 3);
        EXPECT_EQ(co_await writer().sendfile(file.fd(), SendfileOptions().offset(10)), 0U);
        EXPECT_EQ(co_await writer().sendfile(file.fd(), SendfileOptions().count(1000)), 10U);
        EXPECT_EQ(read_all(peer.fileno()), "789120123456789");
        EXPECT_EQ(co_await caught(writer().sendfile(file.fd(), SendfileOptions().count(0))),
                  "count must be a positive integer (got 0)");
        EXPECT_EQ((co_await caught(writer().sendfile(-1))), "descriptor -1: Bad file descriptor");
    });
}

TEST_F(Sendfile, NothingElseMayBeWrittenMeanwhile) {
    run([&]() -> Coro<> {
        co_await connect(kSmallBuffer);
        const TemporaryFile file(numbered(kMuch));
        auto sending = create_task(writer().sendfile(file.fd()));
        co_await turns(4);
        try {
            writer().write("x");
            ADD_FAILURE();
        } catch (const RuntimeError& e) {
            EXPECT_STREQ(e.what(), "unable to write; sendfile is in progress");
        }
        EXPECT_TRUE(co_await received(kMuch) == numbered(kMuch));
        EXPECT_EQ(co_await sending, kMuch);
        writer().write("x");
        EXPECT_EQ(co_await received(1), "x");
    });
}

TEST_F(Sendfile, ReadingGoesOnMeanwhile) {
    run([&]() -> Coro<> {
        co_await connect(kSmallBuffer);
        const TemporaryFile file(numbered(kMuch));
        auto sending = create_task(writer().sendfile(file.fd()));
        co_await turns(4);
        write_text(peer.fileno(), "hello\n");
        EXPECT_EQ(co_await streams->first.readline(), "hello\n");
        EXPECT_FALSE(sending.done());
        co_await received(kMuch);
        co_await sending;
        write_text(peer.fileno(), "again\n");
        EXPECT_EQ(co_await streams->first.readline(), "again\n");
    });
}

TEST_F(Sendfile, AFileThatShrinksEndsEarlier) {
    run([&]() -> Coro<> {
        co_await connect(kSmallBuffer);
        const TemporaryFile file(numbered(kMuch));
        auto sending = create_task(writer().sendfile(file.fd()));
        co_await turns(4);
        EXPECT_EQ(::ftruncate(file.fd(), 1'000'000), 0);
        EXPECT_TRUE(co_await received(1'000'000) == numbered(1'000'000));
        EXPECT_EQ(co_await sending, 1'000'000U);
    });
}

TEST_F(Sendfile, OfAPipeThatIsFilledMeanwhile) {
    run([&]() -> Coro<> {
        co_await connect(kSmallBuffer);
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0);
        const Socket reading(ends[0]);
        Socket writing(ends[1]);
        auto sending = create_task(writer().sendfile(reading.fileno()));
        std::string all;
        const std::string block = numbered(60'000);
        for (int i = 0; i < 5; ++i) {
            co_await turns(3);
            EXPECT_FALSE(sending.done());
            EXPECT_EQ(::write(writing.fileno(), block.data(), block.size()), 60'000);
            all += co_await received(60'000);
        }
        EXPECT_TRUE(all == block + block + block + block + block);
        writing.close();
        EXPECT_EQ(co_await sending, 300'000U);
        EXPECT_EQ(co_await caught(writer().sendfile(reading.fileno(), SendfileOptions().offset(1))),
                  "a file that cannot be sought has no offset");
    });
}

// A socket cannot be sent by the kernel.
TEST_F(Sendfile, FallsBackToReading) {
    run([&]() -> Coro<> {
        co_await connect();
        auto [source, feed] = socket_pair();
        EXPECT_EQ((co_await caught(writer().sendfile(source.fileno(), SendfileOptions().fallback(false))))
                      .substr(0, 61),
                  "fallback is disabled and native sendfile is not supported for");
        auto sending = create_task(writer().sendfile(source.fileno()));
        write_text(feed.fileno(), "one");
        EXPECT_EQ(co_await received(3), "one");
        write_text(feed.fileno(), "two");
        feed.close();
        EXPECT_EQ(co_await sending, 6U);
        EXPECT_EQ(co_await received(3), "two");
    });
}

// The kernel may have sent a part when it finds the peer gone: it tells the part, and raises SIGPIPE.
TEST(NoSigpipeTest, WhatWasSentInPartMayHaveRaisedIt) {
    std::signal(SIGPIPE, SIG_DFL);
    const ssize_t sent = aio::detail::without_sigpipe(2, [] {
        ::raise(SIGPIPE);
        return ssize_t{1};
    });
    EXPECT_EQ(sent, 1);
    sigset_t pending;
    ASSERT_EQ(::sigpending(&pending), 0);
    EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
}

TEST(NoSigpipeTest, FilesForPeersThatHaveGone) {
    std::signal(SIGPIPE, SIG_DFL);
    const TemporaryFile file(std::string(1'000'000, 'x'));
    for (int round = 0; round < 500; ++round) {
        auto [server, client] = tcp_pair();
        client.close();
        ssize_t sent = 1;
        for (off_t at = 0; sent > 0;) {
            const std::size_t left = 1'000'000 - static_cast<std::size_t>(at);
            sent = aio::detail::without_sigpipe(
                left, [&] { return ::sendfile(server.fileno(), file.fd(), &at, left); });
        }
    }
}

TEST_F(Sendfile, ThePeersEndIsAnError) {
    run([&]() -> Coro<> {
        co_await connect(kSmallBuffer);
        const TemporaryFile file(numbered(kMuch));
        auto sending = create_task(writer().sendfile(file.fd()));
        co_await turns(4);
        peer.close();
        co_await ended(sending);
        EXPECT_TRUE(exception_ptr_cast<ConnectionError>(sending.exception())) << "and no SIGPIPE";
        EXPECT_GT(file.position(), 0);
        writer().close();
        co_await as_result(writer().wait_closed());
    });
}

TEST_F(Sendfile, ClosedOrAbortedMeanwhile) {
    run([&]() -> Coro<> {
        for (const bool abort : {false, true}) {
            co_await connect(kSmallBuffer);
            const TemporaryFile file(numbered(kMuch));
            auto sending = create_task(writer().sendfile(file.fd()));
            co_await turns(4);
            if (abort) {
                writer().transport().abort();
            } else {
                writer().close();
            }
            EXPECT_EQ(co_await caught(std::move(sending)),
                      "sendfile: the connection was closed: Software caused connection abort");
            co_await writer().wait_closed();
            ssize_t count = 0;
            std::string rest(10'000, '\0');
            co_await until([&] {
                count = ::recv(peer.fileno(), rest.data(), rest.size(), 0);
                return count == 0 || (count < 0 && errno != EAGAIN);
            });
            EXPECT_EQ(count, 0) << "nobody holds the socket";
            EXPECT_EQ(co_await caught(writer().sendfile(file.fd())), "Transport is closing");
        }
    });
}

// Neither a pipe nor, read in pieces, a socket has anything to say.
TEST_F(Sendfile, TheConnectionsEndIsNoticedWhileTheFileIsEmpty) {
    run([&]() -> Coro<> {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0);
        const Socket pipe(ends[0]);
        const Socket feeds_pipe(ends[1]);
        const auto [socket, feeds_socket] = socket_pair();
        for (const Socket* const source : {&pipe, &socket}) {
            for (const bool abort : {false, true}) {
                co_await connect();
                auto sending = create_task(writer().sendfile(source->fileno()));
                co_await turns(4);
                EXPECT_FALSE(sending.done());
                if (abort) {
                    writer().transport().abort();
                } else {
                    writer().close();
                }
                EXPECT_EQ(co_await caught(std::move(sending)),
                          "sendfile: the connection was closed: Software caused connection abort");
                co_await as_result(writer().wait_closed());
            }
        }
    });
}

TEST_F(Sendfile, OnlyOneAtATime) {
    run([&]() -> Coro<> {
        co_await connect(kSmallBuffer);
        const TemporaryFile file(numbered(kMuch));
        const TemporaryFile other("other");
        auto sending = create_task(writer().sendfile(file.fd()));
        co_await turns(4);
        EXPECT_EQ(co_await caught(writer().sendfile(other.fd())), "sendfile is in progress");
        EXPECT_TRUE(co_await received(kMuch) == numbered(kMuch));
        EXPECT_EQ(co_await sending, kMuch);
        EXPECT_EQ(co_await writer().sendfile(other.fd()), 5U);
        EXPECT_EQ(co_await received(5), "other");
    });
}

TEST_F(Sendfile, CancelledItLeavesTheConnectionUsable) {
    run([&]() -> Coro<> {
        co_await connect(kSmallBuffer);
        const int before = open_descriptors();
        const TemporaryFile file(numbered(kMuch));
        auto sending = create_task(writer().sendfile(file.fd()));
        co_await turns(4);
        sending.cancel();
        co_await ended(sending);
        EXPECT_TRUE(sending.cancelled());
        EXPECT_EQ(open_descriptors(), before + 1) << "the file's";
        const auto sent = static_cast<std::size_t>(file.position());
        writer().write("!");
        EXPECT_TRUE(co_await received(sent + 1) == numbered(sent) + "!");
    });
}

// --- over every kind of connection -------------------------------------------------------------------

struct Collects : Protocol {
    void data_received(BytesView data) override { text += data.str(); }
    void connection_made(Transport& made) override { transport = Ref<Transport>(&made); }
    void connection_lost(std::exception_ptr) override { transport = nullptr; }
    std::string text;
    Ref<Transport> transport;
};

using SendfileOverEvery = EveryTransport;

TEST_P(SendfileOverEvery, SendsAFileInOrder) {
    run([&]() -> Coro<> {
        const auto ours = std::make_shared<Collects>();
        const auto theirs = std::make_shared<Collects>();
        TransportPair pair = co_await connect(ours, theirs);
        const TemporaryFile file(numbered(500'000));
        const std::string head(200'000, '-');
        pair.first->write(head);
        const auto sent = co_await sendfile(pair.first, file.fd());
        EXPECT_EQ(sent, 500'000U);
        pair.first->write("!");
        EXPECT_EQ(pair.first->get_protocol(), ours);
        while (theirs->text.size() < head.size() + 500'001) co_await sleep(1ms);
        EXPECT_TRUE(theirs->text == head + numbered(500'000) + "!");
        pair.first->abort();
        pair.second->abort();
        co_await sleep(1s);
    });
    EXPECT_TRUE(reports().empty());
}

INSTANTIATE_TEST_SUITE_P(Kinds, SendfileOverEvery, ::testing::ValuesIn(connection_kinds()),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace aio::tests
