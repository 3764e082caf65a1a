// SPDX-License-Identifier: MIT
// Connections by io_uring at their beginning and end, in forked children, and while the ring's buffers are
// used up.
#include <net/uring_transport_support.hpp>
#include <support/child.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace aio::tests {
namespace {

class UringEnds : public UringTransportTest {
protected:
    struct End {
        std::shared_ptr<Recorder> protocol;
        Ref<Transport> transport;
        Socket peer;
    };
    /// More connections than the ring has buffers, with something to read for each that the ring has received
    /// and the transports have not handed over.
    std::vector<End> all_received() {
        std::vector<End> ends;
        for (int i = 0; i < 80; ++i) ends.push_back(make_end());
        return ends;
    }
    End make_end(int buffer = 4 * 1024) {
        End end;
        end.protocol = protocol = std::make_shared<Recorder>(print);
        end.transport = connect(SOCK_STREAM, buffer);
        end.peer = std::move(peer);
        return end;
    }
    Coro<> receive(std::vector<End>& ends) {
        co_await turns(3);
        for (End& end : ends) write_text(end.peer.fileno(), "x");
        for (int i = 0; i < 20; ++i) loop().poller().poll(1ms);
    }
    Coro<> another_connection_works() {
        End other = make_end();
        co_await turns(3);
        write_text(other.peer.fileno(), "hello");
        for (int i = 0; i < 2000 && other.protocol->received.empty(); ++i) co_await sleep(0s);
        EXPECT_EQ(other.protocol->received, "hello");
        other.transport->abort();
        co_await until([&] { return other.protocol->lost; });
    }
    Coro<> drop(std::vector<End>& ends) {
        for (End& end : ends) end.transport->abort();
        for (End& end : ends) {
            co_await until([&] { return end.protocol->lost; });
        }
    }
};

TEST_F(UringEnds, PausedTransportsDoNotKeepTheRingsBuffers) {
    run([&]() -> Coro<> {
        std::vector<End> ends = all_received();
        co_await receive(ends);
        for (End& end : ends) end.transport->pause_reading();
        co_await another_connection_works();
        for (End& end : ends) end.transport->resume_reading();
        for (End& end : ends) {
            co_await until([&] { return end.protocol->received == "x"; });
        }
        co_await drop(ends);
    });
}

TEST_F(UringEnds, ClosingTransportsDoNotKeepTheRingsBuffers) {
    run([&]() -> Coro<> {
        std::vector<End> ends = all_received();
        co_await turns(3);
        for (End& end : ends) write_beyond(*end.transport, 1000);
        co_await receive(ends);
        for (End& end : ends) end.transport->close();
        co_await another_connection_works();
        for (End& end : ends) EXPECT_FALSE(end.protocol->lost);
        co_await drop(ends);
    });
}

// The second write is gathered, and does not find room behind the first, which the socket takes at once.
TEST_F(UringEnds, WhatIsGatheredBehindDeferredOutputIsSent) {
    for (const bool close : {true, false}) {
        run([&]() -> Coro<> {
            End end = make_end(256 * 1024);
            co_await turns(3);
            end.transport->write(std::string(10'000, 'a'));
            end.transport->write(std::string(10'000, 'b'));
            close ? end.transport->close() : static_cast<void>(end.transport->get_write_buffer_size());
            std::string received;
            while (received.size() < 20'000 || (close && !end.protocol->lost)) {
                received += read_all(end.peer.fileno());
                co_await sleep(0s);
            }
            EXPECT_TRUE(received == std::string(10'000, 'a') + std::string(10'000, 'b'));
            end.transport->abort();
            co_await until([&] { return end.protocol->lost; });
        });
    }
}

TEST_F(UringEnds, OutputFromBeforeTheFirstTurn) {
    run([&]() -> Coro<> {
        End end = make_end();
        const std::string text(300'000, 'x');
        end.transport->write(text);
        std::string received = read_all(end.peer.fileno());
        loop().poller().poll(10ms);  // tells that the socket takes more
        end.transport->close();
        while (!end.protocol->lost) {
            co_await sleep(0s);
            received += read_all(end.peer.fileno());
        }
        received += read_all(end.peer.fileno());
        EXPECT_EQ(received.size(), text.size());
    });
}

TEST_F(UringEnds, DeferredOutputIsSentWhenTheProtocolFails) {
    run([&]() -> Coro<> {
        End end = make_end();
        end.protocol->on_data = [&](BytesView) {
            end.transport->write("sorry");
            throw ValueError("cannot read this");
        };
        loop().set_exception_handler([](EventLoop&, const ExceptionContext&) {});
        co_await turns(3);
        write_text(end.peer.fileno(), "x");
        co_await until([&] { return end.protocol->lost; });
        EXPECT_EQ(read_all(end.peer.fileno()), "sorry");
    });
}

TEST_F(UringEnds, DeferredOutputIsSentWhenTheLoopCloses) {
    const EventLoopPtr other = make_loop(true);
    auto [ours, theirs] = socket_pair();
    const auto transport = make_socket_transport(*other, std::move(ours), protocol);
    for (const bool write : {false, false, true}) {
        other->call_soon([&, write] {
            if (write) transport->write("bye");
            other->stop();
        });
        other->run_forever();
    }
    other->close();
    EXPECT_EQ(read_all(theirs.fileno()), "bye");
}

TEST_F(UringEnds, AThreadMayGoOnWhenTheLastConnectionIsLost) {
    const EventLoopPtr other = make_loop(false);
    const auto run_until_stopped = [&] {
        other->call_soon([&] { other->stop(); });
        other->run_forever();
    };
    run_until_stopped();
    auto [ours, theirs] = socket_pair();
    const auto transport = make_socket_transport(*other, std::move(ours), protocol);
    run_until_stopped();
    protocol->on_lost = [&] { other->stop(); };
    other->call_soon([&] { transport->abort(); });
    other->run_forever();
    std::thread([&] {
        run_until_stopped();
        auto [a, b] = socket_pair();
        const auto second = std::make_shared<Recorder>(print);
        const auto next = make_socket_transport(*other, std::move(a), second);
        run_until_stopped();
        next->abort();
        second->on_lost = [&] { other->stop(); };
        other->run_forever();
    }).join();
    run_until_stopped();
    EXPECT_EQ(print.joined(), "made | lost None | made | lost None");
}

TEST_F(UringEnds, AThreadOfItsOwnAsLongAsThereAreConnections) {
    const EventLoopPtr other = make_loop(false);
    const auto turn = [&] {
        other->call_soon([&] { other->stop(); });
        other->run_forever();
    };
    turn();
    std::thread([&] { turn(); }).join();
    auto [ours, theirs] = socket_pair();
    const auto transport = make_socket_transport(*other, std::move(ours), protocol);
    turn();
    std::string refused;
    std::thread([&] { refused = thrown<RuntimeError>(turn); }).join();
    EXPECT_EQ(refused, "A loop with io_uring and open connections stays in the thread that ran it first");
    transport->abort();
    turn();
    EXPECT_EQ(print.joined(), "made | lost None");
}

TEST_F(UringEnds, AForkedChildLeavesConnectionsToTheParent) {
    auto other = std::optional<EventLoopPtr>(make_loop(true));
    auto [ours, theirs] = socket_pair();
    auto transport = make_socket_transport(**other, std::move(ours), protocol);
    const auto turn = [&] {
        (*other)->call_soon([&] { (*other)->stop(); });
        (*other)->run_forever();
    };
    turn();
    turn();
    transport->write("of the parent");
    const std::string end = run_in_child([&] {
        transport->write("of the child");
        transport->abort();
        transport = nullptr;
        other.reset();
        ::_exit(7);
    });
    EXPECT_EQ(end, "exit 7");
    turn();
    turn();
    EXPECT_EQ(read_all(theirs.fileno()), "of the parent");
    transport->abort();
    turn();
}

// A child may go on with what it was just handed.
TEST_F(UringEnds, AChildReadsWhatItWasHanded) {
    run([&]() -> Coro<> {
        End end = make_end();
        std::string ended;
        end.protocol->on_data = [&](BytesView data) {
            ended = run_in_child([&] {
                end.transport->pause_reading();
                ::_exit(data.text() == "hello" ? 7 : 1);
            });
        };
        co_await turns(3);
        write_text(end.peer.fileno(), "hello");
        co_await until([&] { return !ended.empty(); });
        EXPECT_EQ(ended, "exit 7");
        end.transport->abort();
        co_await until([&] { return end.protocol->lost; });
    });
}

TEST_F(UringEnds, AChildMakesNoConnectionsOfTheParentsLoop) {
    const EventLoopPtr other = make_loop(false);
    const std::string end = run_in_child([&] {
        auto [ours, theirs] = socket_pair();
        const std::string refused =
            thrown<RuntimeError>([&] { make_socket_transport(*other, std::move(ours), protocol); });
        ::_exit(refused == "a forked child cannot use the poller of its parent" ? 7 : 1);
    });
    EXPECT_EQ(end, "exit 7");
}

}  // namespace
}  // namespace aio::tests
