// SPDX-License-Identifier: MIT
// The life of a connection, and its errors. Reading and writing have files of their own.
#include <net/socket_transport_support.hpp>
#include <support/heap.hpp>
#include <support/log_capture.hpp>
#include <support/sanitized.hpp>

#include <fcntl.h>
#include <netinet/tcp.h>
#include <thread>
#include <vector>

namespace aio::tests {
namespace {

TEST_F(SocketTransportTest, StartsInTheNextIteration) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = socket_pair();
        write_text(theirs.fileno(), "early");
        bool ready = false;
        SocketTransportOptions options;
        options.on_made([&] { ready = true; });
        const auto transport = make_socket_transport(loop(), std::move(ours), protocol, std::move(options));
        EXPECT_TRUE(print.empty());
        co_await sleep(0s);
        EXPECT_EQ(print.text(), "made\n");
        EXPECT_TRUE(ready);
        EXPECT_EQ(protocol->transport, transport);
        co_await until([&] { return !protocol->received.empty(); });
        EXPECT_EQ(protocol->received, "early");
        transport->abort();
        co_await until_lost();
    });
}

// In a process of its own, in which no other test has freed a large block.
TEST_F(SocketTransportTest, LeavesTheProcesssMallocAsItIs) {
    if (kSanitized) GTEST_SKIP() << "the sanitizer's malloc";
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto tell = [this] {
        const bool before = heap_gives_back();
        run([&]() -> Coro<> {
            const auto transport = connect();
            write_text(peer.fileno(), "x");
            co_await until([&] { return !protocol->received.empty(); });
        });
        std::fprintf(stderr, "before %d, after %d", before, heap_gives_back());
        std::_Exit(7);
    };
    EXPECT_EXIT(tell(), ::testing::ExitedWithCode(7), "before 1, after 1");
}

TEST_F(SocketTransportTest, CloseBeforeTheStartStillMakesTheConnectionFirst) {
    run([&]() -> Coro<> {
        connect()->close();
        co_await turns(3);
        EXPECT_EQ(print.text(), "made\nlost None\n");
    });
}

TEST_F(SocketTransportTest, CloseAndAbortAreIdempotentAndNeverCallBackInline) {
    run([&]() -> Coro<> {
        const auto transport = connect();
        co_await turns(2);
        transport->close();
        transport->close();
        transport->abort();
        EXPECT_TRUE(transport->is_closing());
        EXPECT_EQ(print.text(), "made\n");
        EXPECT_GE(transport->fd(), 0) << "open until connection_lost() returned";
        co_await sleep(0s);
        EXPECT_EQ(print.text(), "made\nlost None\n");
        EXPECT_EQ(transport->fd(), -1);
        EXPECT_EQ(transport->get_protocol(), nullptr);
    });
}

TEST_F(SocketTransportTest, IsHarmlessAfterTheEnd) {
    run([&]() -> Coro<> {
        const auto transport = connect();
        co_await turns(2);
        transport->abort();
        co_await until_lost();
        transport->write("x");
        transport->write(std::string("x"));
        transport->writelines(std::vector<std::string>{"x", "y"});
        transport->write_eof();
        transport->close();
        transport->abort();
        transport->pause_reading();
        transport->resume_reading();
        transport->set_protocol(protocol);
        transport->set_write_buffer_limits(1, 1);
        EXPECT_EQ(transport->get_write_buffer_size(), 0u);
        EXPECT_FALSE(transport->is_reading());
        EXPECT_EQ(transport->repr().substr(0, 24), "<SocketTransport closed ");
    });
}

TEST_F(SocketTransportTest, LivesWithoutAnyHandleUntilTheConnectionIsLost) {
    run([&]() -> Coro<> {
        connect();  // the handle is dropped at once
        co_await turns(2);
        protocol->transport = nullptr;
        write_text(peer.fileno(), "x");
        co_await until([&] { return !protocol->received.empty(); });
        peer.close();
        co_await until_lost();
        EXPECT_EQ(print.text(), "made\neof\nlost None\n");
    });
}

TEST_F(SocketTransportTest, MayBeDestroyedByItsOwnCallback) {
    run([&]() -> Coro<> {
        protocol->on_lost = [this] { protocol->transport = nullptr; };
        connect();
        co_await turns(2);
        protocol->on_data = [this](BytesView) {
            protocol->transport->close();
            protocol->transport = nullptr;
        };
        write_text(peer.fileno(), "x");
        co_await until_lost();
        EXPECT_EQ(protocol.use_count(), 1);
    });
}

TEST_F(SocketTransportTest, TheProtocolMayDropItself) {
    run([&]() -> Coro<> {
        std::weak_ptr<Recorder> watch = protocol;
        auto [ours, theirs] = socket_pair();
        const auto transport = make_socket_transport(loop(), std::move(ours), protocol);
        co_await turns(2);
        Recorder* last = protocol.get();
        const auto next = std::make_shared<Recorder>(print);
        last->on_data = [&, transport](BytesView) {
            transport->set_protocol(next);
            EXPECT_FALSE(watch.expired()) << "the caller lives until its call is over";
        };
        protocol.reset();
        write_text(theirs.fileno(), "x");
        co_await until([&] { return watch.expired(); });
        transport->abort();
        co_await until([&] { return next->lost; });
    });
    protocol = std::make_shared<Recorder>(print);
}

TEST_F(SocketTransportTest, ALoopThatClosesClosesConnectionsWithoutCallbacks) {
    const int before = open_descriptors();
    std::weak_ptr<Recorder> watch = protocol;
    Ref<Transport> survivor;
    std::vector<Socket> peers;
    {
        auto runner = new_event_loop();
        const auto open = [&](std::shared_ptr<Recorder> with) {
            auto [ours, theirs] = socket_pair();
            peers.push_back(std::move(theirs));
            return make_socket_transport(*runner, std::move(ours), std::move(with));
        };
        survivor = open(protocol);
        const auto reading = open(std::make_shared<Recorder>(print));
        const auto writing = open(std::make_shared<Recorder>(print));
        const auto closing = open(std::make_shared<Recorder>(print));
        runner->stop();
        runner->run_forever();  // one iteration: all are made
        write_text(peers[1].fileno(), "never read");
        write_beyond(*writing);
        writing->close();
        closing->close();
        open(std::make_shared<Recorder>(print));  // not even started
        protocol.reset();
        print.clear();
    }
    EXPECT_TRUE(print.empty()) << print.text();
    EXPECT_TRUE(watch.expired());
    EXPECT_TRUE(survivor->is_closing());
    survivor->write("x");
    survivor->close();
    survivor = nullptr;
    peers.clear();
    EXPECT_EQ(open_descriptors(), before);
    protocol = std::make_shared<Recorder>(print);
}

TEST_F(SocketTransportTest, EndedBeforeTheFirstTurnOfALoopThatCloses) {
    const int before = open_descriptors();
    for (const bool aborts : {true, false}) {
        auto owner = new_event_loop();
        auto [ours, theirs] = socket_pair();
        Ref<Transport> transport = make_socket_transport(*owner, std::move(ours), protocol);
        aborts ? transport->abort() : transport->close();
        transport = nullptr;
        owner.reset();
    }
    EXPECT_EQ(protocol.use_count(), 1);
    EXPECT_EQ(open_descriptors(), before);
    EXPECT_TRUE(print.empty()) << print.text();
}

TEST_F(SocketTransportTest, RefusesWhatItCannotServe) {
    run([&]() -> Coro<> {
        auto [a, b] = socket_pair();
        const int fd = a.fileno();
        const int other = b.fileno();
        EXPECT_EQ(thrown<TypeError>([&] {
                      make_socket_transport(loop(), Socket(::dup(fd)), std::make_shared<DatagramProtocol>());
                  }),
                  "a stream transport serves a Protocol or a BufferedProtocol");
        const auto transport = make_socket_transport(loop(), std::move(a), protocol);
        EXPECT_EQ(thrown<RuntimeError>([&] { loop().add_reader(fd, [] {}); }),
                  "File descriptor " + std::to_string(fd) + " is used by a transport");
        EXPECT_EQ(thrown<TypeError>([&] { transport->set_protocol(nullptr); }),
                  "a stream transport serves a Protocol or a BufferedProtocol");
        transport->abort();
        co_await until_lost();
        loop().add_reader(other, [] {});
        EXPECT_EQ(thrown<RuntimeError>([&] { make_socket_transport(loop(), Socket(b.detach()), protocol); }),
                  "File descriptor " + std::to_string(other) + " is already watched by the loop");
    });
}

TEST_F(SocketTransportTest, AClosedLoopTakesNoConnection) {
    const auto closed = new_event_loop();
    closed->close();
    auto [a, b] = socket_pair();
    EXPECT_EQ(thrown<RuntimeError>([&] { make_socket_transport(*closed, std::move(a), protocol); }),
              "Event loop is closed");
}

TEST_F(SocketTransportTest, KnowsAddressesAndSetsNoDelay) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = tcp_pair();
        ::fcntl(ours.fileno(), F_SETFL, 0);
        const SocketAddress name = ours.getsockname();
        const SocketAddress peer_name = theirs.getsockname();
        const auto transport = make_socket_transport(loop(), std::move(ours), protocol);
        EXPECT_EQ(transport->sockname(), name);
        EXPECT_EQ(transport->peername(), peer_name);
        const TransportSocket socket = transport->get_extra_info("socket", TransportSocket());
        EXPECT_EQ(socket.getsockname(), name);
        EXPECT_NE(socket.getsockopt(IPPROTO_TCP, TCP_NODELAY), 0);
        EXPECT_TRUE(::fcntl(socket.fileno(), F_GETFL) & O_NONBLOCK);
        EXPECT_EQ(transport->repr(), "<SocketTransport open fd=" + std::to_string(socket.fileno()) + " " +
                                         name.str() + " <-> " + peer_name.str() + ">");
        transport->abort();
        co_await until_lost();
        EXPECT_EQ(transport->peername(), peer_name) << "known also afterwards";
    });
}

TEST_F(SocketTransportTest, CallbacksRunInTheContextOfItsMaking) {
    static const ContextVar<int> number("number", 0);
    std::string seen;
    run([&]() -> Coro<> {
        const auto note = [&] { seen += std::to_string(number.get()); };
        protocol->on_made = [note](Transport&) { note(); };
        protocol->on_data = [note](BytesView) { note(); };
        protocol->on_lost = note;
        auto token = number.set(1);
        const auto transport = connect();
        number.reset(token);
        co_await turns(2);
        write_text(peer.fileno(), "x");
        co_await until([&] { return !protocol->received.empty(); });
        transport->close();
        co_await until_lost();
    });
    EXPECT_EQ(seen, "111");
}

// --- errors ------------------------------------------------------------------------------------------

TEST_F(SocketTransportTest, AFailingConnectionMadeClosesTheConnection) {
    run([&]() -> Coro<> {
        protocol->on_made = [](Transport&) { throw ValueError("no"); };
        connect();
        co_await until_lost();
        EXPECT_EQ(print.text(), "made\nlost ValueError\n");
    });
    ASSERT_EQ(reports().size(), 1u);
    EXPECT_EQ(reports()[0],
              "Fatal error: protocol.connection_made() call failed. [exception, protocol, transport]");
}

TEST_F(SocketTransportTest, AFailingConnectionLostIsReported) {
    run([&]() -> Coro<> {
        protocol->on_lost = [] { throw ValueError("no"); };
        const auto transport = connect();
        transport->abort();
        co_await until([&] { return transport->fd() == -1; });
    });
    ASSERT_EQ(reports().size(), 1u);
    EXPECT_EQ(reports()[0],
              "Fatal error: protocol.connection_lost() call failed. [exception, protocol, transport]");
}

TEST_F(SocketTransportTest, ExitExceptionsPassThroughAndTheConnectionGoesOn) {
    connect();
    const auto step = [&](const char* what) {
        try {
            loop().run_forever();
            ADD_FAILURE() << what;
        } catch (const SystemExit& e) {
            EXPECT_EQ(e.code(), 7) << what;
        }
    };
    protocol->on_made = [](Transport&) { throw SystemExit(7); };
    step("connection_made");
    protocol->on_data = [](BytesView) { throw SystemExit(7); };
    write_text(peer.fileno(), "x");
    step("data_received");
    protocol->on_data = [this](BytesView) { loop().stop(); };
    write_text(peer.fileno(), "y");
    loop().run_forever();
    EXPECT_EQ(protocol->received, "xy");
    protocol->on_lost = [] { throw SystemExit(7); };
    protocol->transport->close();
    step("connection_lost");
    EXPECT_EQ(protocol->transport->fd(), -1);
    EXPECT_TRUE(reports().empty());
}

TEST_F(SocketTransportTest, ExitExceptionsInResumeWritingLoseNothing) {
    const auto transport = connect();
    run([&]() -> Coro<> { co_await turns(2); });
    const std::size_t written = write_beyond(*transport);
    transport->close();
    protocol->on_resume = [] { throw SystemExit(7); };
    std::size_t received = 0;
    bool thrown_out = false;
    while (!protocol->lost) {
        received += read_all(peer.fileno()).size();
        loop().call_soon([this] { loop().stop(); });
        try {
            loop().run_forever();
        } catch (const SystemExit&) {
            thrown_out = true;
        }
    }
    received += read_all(peer.fileno()).size();
    EXPECT_TRUE(thrown_out);
    EXPECT_EQ(received, written);
}

TEST_F(SocketTransportTest, DebugModeFindsCallsFromAnotherThread) {
    run([&]() -> Coro<> {
        loop().set_debug(true);
        const auto transport = connect();
        co_await turns(2);
        std::string error;
        std::thread([&] { error = thrown<RuntimeError>([&] { transport->close(); }); }).join();
        EXPECT_EQ(error, "Non-thread-safe operation invoked on an event loop other than the current one");
        transport->abort();
        co_await until_lost();
    });
}

TEST_F(SocketTransportTest, OrdinaryDisconnectsAreLoggedInDebugModeOnly) {
    const LogCapture captured;
    run([&]() -> Coro<> {
        loop().set_debug(true);
        auto [ours, theirs] = tcp_pair();
        make_socket_transport(loop(), std::move(ours), protocol);
        co_await turns(2);
        reset_on_close(theirs.fileno());
        theirs.close();
        co_await until_lost();
        loop().set_debug(false);
    });
    ASSERT_EQ(captured.messages().size(), 1u);
    EXPECT_NE(captured.messages()[0].find(
                  "Fatal read error on socket transport: aio::ConnectionResetError: read from 127.0.0.1:"),
              std::string::npos)
        << captured.messages()[0];
}

}  // namespace
}  // namespace aio::tests
