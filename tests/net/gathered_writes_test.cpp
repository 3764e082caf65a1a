// SPDX-License-Identifier: MIT
// What one step writes goes out together. Sockets that keep the borders of messages count the system calls.
#include <net/socket_transport_support.hpp>
#include <support/child.hpp>

#include <fcntl.h>
#include <vector>

namespace aio::tests {
namespace {

class GatheredWritesTest : public SocketTransportTest {
protected:
    Ref<Transport> connect_messages() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        peer = Socket(ends[1]);
        return make_socket_transport(loop(), Socket(ends[0]), protocol);
    }
    /// What was sent since the last call, by system call.
    std::vector<std::string> sent() {
        std::vector<std::string> all;
        std::string buffer(256 * 1024, '\0');
        while (true) {
            const ssize_t size = ::recv(peer.fileno(), buffer.data(), buffer.size(), 0);
            if (size <= 0) return all;
            all.emplace_back(buffer, 0, static_cast<std::size_t>(size));
        }
    }
    using Calls = std::vector<std::string>;
};

TEST_F(GatheredWritesTest, TheFirstGoesOutAtOnceTheOthersWhenTheStepEnds) {
    run([&]() -> Coro<> {
        const auto transport = connect_messages();
        co_await turns(2);
        transport->write("1");
        EXPECT_EQ(sent(), Calls{"1"});
        transport->write("2");
        transport->write(std::string("3"));
        transport->write("4", std::make_shared<int>());
        const std::array<BytesView, 2> pieces{"5", "6"};
        transport->writelines(pieces);
        EXPECT_EQ(sent(), Calls{});
        Calls seen_by_next;
        loop().call_soon([&] { seen_by_next = sent(); });
        co_await sleep(0s);
        EXPECT_EQ(seen_by_next, Calls{"23456"});  // before anything else ran
        transport->write("7");                    // another step
        EXPECT_EQ(sent(), Calls{"7"});
        transport->abort();
        co_await until_lost();
    });
}

TEST_F(GatheredWritesTest, EveryStepOfItsOwn) {
    run([&]() -> Coro<> {
        const auto transport = connect_messages();
        co_await turns(2);
        for (int i = 0; i < 3; ++i) {
            loop().call_soon([&] { transport->write("a"); });
        }
        co_await sleep(0s);
        EXPECT_EQ(sent(), (Calls{"a", "a", "a"}));
        transport->abort();
        co_await until_lost();
    });
}

TEST_F(GatheredWritesTest, TheFirstOneTooIfTheStepIsToldSo) {
    run([&]() -> Coro<> {
        const auto transport = connect_messages();
        co_await turns(2);
        const auto write_three = [&] {
            transport->write("1");
            transport->write("2");
            transport->write("3");
        };
        transport->gather_this_step();
        write_three();
        EXPECT_EQ(sent(), Calls{});
        co_await sleep(0s);
        EXPECT_EQ(sent(), Calls{"123"});
        write_three();  // another step
        co_await sleep(0s);
        EXPECT_EQ(sent(), (Calls{"1", "23"}));
        transport->gather_this_step();  // nothing follows
        co_await sleep(0s);
        EXPECT_EQ(sent(), Calls{});
        transport->set_gather_writes(false);
        transport->gather_this_step();
        write_three();
        EXPECT_EQ(sent(), (Calls{"1", "2", "3"}));
        transport->abort();
        co_await until_lost();
    });
}

// Two transports, written to in turns in one step: each its own.
TEST_F(GatheredWritesTest, SeveralTransports) {
    run([&]() -> Coro<> {
        const auto first = connect_messages();
        Socket first_peer = std::move(peer);
        const auto first_protocol = std::exchange(protocol, std::make_shared<Recorder>(print));
        const auto second = connect_messages();
        co_await turns(2);
        for (int i = 0; i < 3; ++i) {
            first->write("f");
            second->write("s");
        }
        co_await sleep(0s);
        EXPECT_EQ(sent(), (Calls{"s", "ss"}));
        std::swap(peer, first_peer);
        EXPECT_EQ(sent(), (Calls{"f", "ff"}));
        first->abort();
        second->abort();
        co_await until([&] { return protocol->lost && first_protocol->lost; });
    });
}

TEST_F(GatheredWritesTest, WhateverCanLookSendsFirst) {
    run([&]() -> Coro<> {
        const auto transport = connect_messages();
        co_await turns(2);
        const auto write_three = [&] {
            transport->write("1");
            transport->write("2");
            transport->write("3");
        };
        write_three();
        EXPECT_EQ(transport->get_write_buffer_size(), 0u);
        EXPECT_EQ(sent(), (Calls{"1", "23"}));
        co_await sleep(0s);
        write_three();
        transport->get_extra_info("peername");
        EXPECT_EQ(sent(), Calls{"1"});
        transport->get_extra_info("socket");
        EXPECT_EQ(sent(), Calls{"23"});
        co_await sleep(0s);
        write_three();
        EXPECT_GE(transport->fd(), 0);
        EXPECT_EQ(sent(), (Calls{"1", "23"}));
        co_await sleep(0s);
        write_three();
        transport->set_write_buffer_limits(10);
        EXPECT_EQ(sent(), (Calls{"1", "23"}));
        co_await sleep(0s);
        write_three();
        transport->write_eof();
        EXPECT_EQ(sent(), (Calls{"1", "23"}));
        EXPECT_THROW(transport->write("4"), RuntimeError);
        transport->abort();
        co_await until_lost();
    });
}

TEST_F(GatheredWritesTest, CloseAndAbortSendFirst) {
    run([&]() -> Coro<> {
        for (const bool aborts : {true, false}) {
            protocol = std::make_shared<Recorder>(print);
            const auto transport = connect_messages();
            co_await turns(2);
            transport->write("1");
            transport->write("2");
            if (aborts) {
                transport->abort();
            } else {
                transport->close();
            }
            EXPECT_EQ(sent(), (Calls{"1", "2"}));
            co_await until_lost();
        }
    });
}

TEST_F(GatheredWritesTest, SixtyFourKiBGoOutAtOnce) {
    run([&]() -> Coro<> {
        const auto transport = connect_messages();
        co_await turns(2);
        transport->write("first");
        const std::string piece(1024, 'x');
        for (int i = 0; i < 64; ++i) transport->write(piece);
        EXPECT_EQ(sent(), Calls{"first"});
        transport->write("y");
        EXPECT_EQ(sent(), Calls{std::string(64 * 1024, 'x')});
        transport->write(std::string(64 * 1024 + 1, 'z'));  // large ones are not gathered
        EXPECT_EQ(sent(), (Calls{"y", std::string(64 * 1024 + 1, 'z')}));
        transport->abort();
        co_await until_lost();
    });
}

// A pause is decided by what the system refuses, as without gathering.
TEST_F(GatheredWritesTest, NoPauseForWhatWasOnlyGathered) {
    run([&]() -> Coro<> {
        const auto transport = connect_messages();
        co_await turns(2);
        transport->set_write_buffer_limits(100);
        for (int i = 0; i < 50; ++i) transport->write("0123456789");
        transport->write("end");
        transport->set_write_buffer_limits(0);
        for (int i = 0; i < 50; ++i) transport->write("0123456789");
        EXPECT_EQ(sent().back(), "0123456789");
        co_await sleep(0s);
        EXPECT_EQ(print.text(), "made\n");
        transport->abort();
        co_await until_lost();
    });
}

TEST_F(GatheredWritesTest, CanBeSwitchedOff) {
    run([&]() -> Coro<> {
        const auto transport = connect_messages();
        co_await turns(2);
        const auto write_twice = [&] {
            transport->write("1");
            transport->write("2");
        };
        write_twice();
        transport->set_gather_writes(false);
        EXPECT_EQ(sent(), (Calls{"1", "2"}));
        write_twice();
        EXPECT_EQ(sent(), (Calls{"1", "2"}));
        transport->set_gather_writes(true);
        co_await sleep(0s);
        write_twice();
        EXPECT_EQ(sent(), (Calls{"1"}));
        transport->abort();
        co_await until_lost();
    });
}

TEST(GatheredWrites, CanBeSwitchedOffForALoop) {
    Trace print;
    const auto protocol = std::make_shared<Recorder>(print);
    const EventLoopPtr loop = new_event_loop(LoopOptions().gather_writes(false));
    auto [ours, theirs] = socket_pair();
    loop->run_until_complete([&]() -> Coro<> {
        const auto transport = make_socket_transport(*loop, std::move(ours), protocol);
        transport->write("1");
        transport->write("2");
        EXPECT_EQ(read_all(theirs.fileno()), "12");
        transport->abort();
        co_await until([&] { return protocol->lost; });
    }());
}

// A step that blocks on the other end of its first write must not wait for its own end.
TEST_F(GatheredWritesTest, AFirstWriteCanBeReadBlocking) {
    run([&]() -> Coro<> {
        const auto transport = connect();
        EXPECT_EQ(::fcntl(peer.fileno(), F_SETFL, 0), 0);
        co_await turns(2);
        transport->write("x");
        char byte = 0;
        EXPECT_EQ(::read(peer.fileno(), &byte, 1), 1);
        EXPECT_EQ(byte, 'x');
        transport->abort();
        co_await until_lost();
    });
}

// Outside of the loop there is no step whose end could be waited for.
TEST_F(GatheredWritesTest, AtOnceOutsideOfTheLoop) {
    const auto transport = connect_messages();
    transport->write("1");
    transport->write("2");
    EXPECT_EQ(sent(), (Calls{"1", "2"}));
    run([&]() -> Coro<> {
        transport->abort();
        co_await until_lost();
    });
}

// An exception that ends the loop leaves the step.
TEST_F(GatheredWritesTest, SentWhenAnExitExceptionLeavesTheStep) {
    const auto transport = connect_messages();
    run([&]() -> Coro<> { co_await turns(2); });
    loop().call_soon([&] {
        transport->write("1");
        transport->write("2");
        throw KeyboardInterrupt();
    });
    EXPECT_THROW(loop().run_forever(), KeyboardInterrupt);
    EXPECT_EQ(sent(), (Calls{"1", "2"}));
    transport->write("3");
    transport->write("4");
    EXPECT_EQ(sent(), (Calls{"3", "4"}));
    run([&]() -> Coro<> {
        transport->write("5");
        transport->write("6");
        EXPECT_EQ(sent(), (Calls{"5"}));
        transport->abort();
        EXPECT_EQ(sent(), (Calls{"6"}));
        co_await until_lost();
    });
}

// The peer has gone: the error comes at the end of the step, once, and the rest counts as ignored.
TEST_F(GatheredWritesTest, AnErrorAtTheEndOfTheStep) {
    run([&]() -> Coro<> {
        const auto transport = connect_messages();
        co_await turns(2);
        transport->write("1");
        EXPECT_EQ(sent(), Calls{"1"});
        peer.close();
        transport->write("2");
        EXPECT_FALSE(transport->is_closing());
        bool closing_next = false;
        loop().call_soon([&] { closing_next = transport->is_closing(); });
        co_await sleep(0s);
        EXPECT_TRUE(closing_next);
        co_await until_lost();
        EXPECT_EQ(print.text(), "made\nlost BrokenPipeError\n");
    });
}

// The owner of a piece is user code that runs when the step ends.
TEST_F(GatheredWritesTest, AnOwnersDeleterMayWriteAndClose) {
    run([&]() -> Coro<> {
        const auto transport = connect_messages();
        co_await turns(2);
        transport->write("1");
        transport->write("2", std::shared_ptr<int>(new int, [&](const int* owned) {
                             delete owned;
                             transport->write("3");
                             transport->write("4");
                             transport->close();
                         }));
        co_await until_lost();
        EXPECT_EQ(sent(), (Calls{"1", "2", "34"}));
    });
}

// What resume_writing() writes when the last bytes of a closing connection are sent is sent as well.
TEST_F(GatheredWritesTest, AClosingConnectionEndsWhateverItsProtocolWrites) {
    run([&]() -> Coro<> {
        const auto transport = connect(kSmallBuffer);
        protocol->on_resume = [&] {
            transport->write("1");
            transport->write("2");
            transport->write("3");
        };
        co_await turns(2);
        write_beyond(*transport);
        transport->close();
        std::string received;
        while (!protocol->lost) {
            received += read_all(peer.fileno());
            co_await sleep(0s);
        }
        received += read_all(peer.fileno());
        EXPECT_TRUE(received.ends_with("x123")) << received.substr(received.size() - 10);
    });
}

// A forked child has a copy of what was gathered, which is the parent's to send.
TEST_F(GatheredWritesTest, AForkedChildDoesNotSendIt) {
    run([&]() -> Coro<> {
        const auto transport = connect_messages();
        co_await turns(2);
        transport->write("1");
        transport->write("2");
        EXPECT_EQ(run_in_child([&] { transport->close(); }), "exit 0");
        EXPECT_EQ(run_in_child([&] { transport->get_write_buffer_size(); }), "exit 0");
        EXPECT_EQ(sent(), Calls{"1"});
        co_await sleep(0s);
        EXPECT_EQ(sent(), Calls{"2"});
        transport->abort();
        co_await until_lost();
    });
}

TEST_F(GatheredWritesTest, TheLoopMayCloseUnderIt) {
    auto own = new_event_loop();
    const auto recorder = std::make_shared<Recorder>(print);
    auto [ours, theirs] = socket_pair();
    const auto transport = make_socket_transport(*own, std::move(ours), recorder);
    own->call_soon([&] {
        transport->write("1");
        transport->write("2");
        own.reset();  // closes at the end of the iteration
    });
    own->run_forever();
    EXPECT_EQ(read_all(theirs.fileno()), "12");
    EXPECT_TRUE(transport->is_closing());
}

}  // namespace
}  // namespace aio::tests
