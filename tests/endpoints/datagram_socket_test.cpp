// SPDX-License-Identifier: MIT
#include <support/caught.hpp>
#include <support/datagrams.hpp>
#include <support/ended.hpp>
#include <support/turns.hpp>

#include <aio/aio.hpp>

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

struct DatagramSocketTest : ::testing::Test, aio::testing::LoopTest {
    Socket peer = bound_udp();
    SocketAddress there = peer.getsockname();

    Coro<> close(DatagramSocket socket) {
        socket.close();
        co_await socket.wait_closed();
        EXPECT_TRUE(socket.is_closing());
        EXPECT_EQ(loop().stats().descriptors, 0U);
    }
    void TearDown() override { finish(); }
};

TEST_F(DatagramSocketTest, SendsAndReceives) {
    run([&]() -> Coro<> {
        const DatagramSocket server =
            co_await open_datagram_socket(DatagramOptions().local_addr("127.0.0.1", 0));
        const DatagramSocket client = co_await open_datagram_socket("127.0.0.1", server.sockname().port());
        EXPECT_EQ(client.peername(), server.sockname());
        co_await client.send("time?");
        co_await client.send("");
        const Datagram question = co_await server.recvfrom();
        EXPECT_EQ(question.first, "time?");
        EXPECT_EQ(question.second, client.sockname());
        std::string data = co_await server.recv();
        EXPECT_EQ(data, "");
        co_await server.sendto("noon", question.second);
        data = co_await client.recv();
        EXPECT_EQ(data, "noon");
        std::string error = co_await caught(server.send("to whom?"));
        EXPECT_EQ(error, "sendto() needs an address: the endpoint has no peer");
        error = co_await caught(client.sendto("x", there));
        EXPECT_EQ(error, "Invalid address: must be None or " + server.sockname().str());
        server.close();
        co_await server.wait_closed();
        co_await close(client);
    });
}

TEST_F(DatagramSocketTest, TimeLimits) {
    run([&]() -> Coro<> {
        const DatagramSocket socket = co_await open_datagram_socket(DatagramOptions().remote_addr(there));
        std::string error = co_await caught(wait_for(socket.recv(), 1s));
        EXPECT_EQ(error, "TimeoutError");
        EXPECT_EQ(clock().elapsed(), 1s);
        send_packet(peer, socket.sockname(), "late");
        const std::string data = co_await socket.recv();
        EXPECT_EQ(data, "late");
        co_await close(socket);
    });
}

TEST_F(DatagramSocketTest, SeveralReceiversInOrder) {
    run([&]() -> Coro<> {
        const DatagramSocket socket = co_await open_datagram_socket(DatagramOptions().remote_addr(there));
        const Task<std::string> first = create_task(socket.recv());
        const Task<std::string> second = create_task(socket.recv());
        co_await turns(2);
        send_packet(peer, socket.sockname(), "1");
        send_packet(peer, socket.sockname(), "2");
        const std::string one = co_await first;
        const std::string two = co_await second;
        EXPECT_EQ(one + two, "12");
        co_await close(socket);
    });
}

TEST_F(DatagramSocketTest, EndsOfReceiving) {
    run([&]() -> Coro<> {
        const DatagramSocket socket = co_await open_datagram_socket(DatagramOptions().remote_addr(there));
        for (const char* data : {"1", "2", ""}) send_packet(peer, socket.sockname(), data);
        Texts received;
        const auto receive = [&]() -> Coro<> {
            while (auto packet = co_await socket.next()) received.push_back(packet->first);
        };
        const Task<> receiving = create_task(receive);
        const Task<std::string> waits = create_task(caught(socket.recv()));
        co_await until([&] { return received.size() + (waits.done() ? 1 : 0) == 3; });
        const Task<std::string> too_late = create_task(caught(socket.recv()));
        co_await turns(2);
        socket.close();
        co_await receiving;
        const std::string late = co_await too_late;
        EXPECT_EQ(late, "recv() of a DatagramSocket that is closed: Bad file descriptor");
        const std::string now = co_await caught(socket.recv());
        EXPECT_EQ(now, late);
        const std::string sent = co_await caught(socket.send("x"));
        EXPECT_EQ(sent, "send() of a DatagramSocket that is closed: Bad file descriptor");
        auto none = co_await socket.next();
        EXPECT_FALSE(none);
        co_await close(socket);
    });
}

TEST_F(DatagramSocketTest, DropsWhatIsTooMuchAndCounts) {
    run([&]() -> Coro<> {
        const DatagramSocket socket =
            co_await open_datagram_socket(DatagramOptions().remote_addr(there).limit(3));
        for (int i = 0; i < 10; ++i) send_packet(peer, socket.sockname(), std::to_string(i));
        co_await until([&] { return socket.dropped() == 7; });
        for (int i = 0; i < 3; ++i) {
            const std::string data = co_await socket.recv();
            EXPECT_EQ(data, std::to_string(i));
        }
        send_packet(peer, socket.sockname(), "later");
        const std::string data = co_await socket.recv();
        EXPECT_EQ(data, "later");
        EXPECT_EQ(socket.dropped(), 7U);
        co_await close(socket);
    });
}

// As many as may wait, and all of the largest size, would be too much.
TEST_F(DatagramSocketTest, LargePacketsCountForMore) {
    run([&]() -> Coro<> {
        const DatagramSocket socket =
            co_await open_datagram_socket(DatagramOptions().remote_addr(there).limit(10));
        const std::string large(60'000, 'x');
        std::size_t received = 0;
        for (int i = 0; i < 10; ++i) {  // one by one: the system's buffer holds three or four
            send_packet(peer, socket.sockname(), large);
            co_await turns(20);
        }
        co_await until([&] { return socket.dropped() == 7; });  // 160 KiB are full with the third
        for (; received < 3; ++received) {
            const std::string data = co_await socket.recv();
            EXPECT_EQ(data.size(), large.size());
        }
        send_packet(peer, socket.sockname(), "later");
        const std::string data = co_await socket.recv();
        EXPECT_EQ(data, "later");
        co_await close(socket);
    });
}

// A Unix sender waits instead.
TEST_F(DatagramSocketTest, UnixPacketsAreNotDropped) {
    run([&]() -> Coro<> {
        auto [ours, theirs] = datagram_pair();
        DatagramOptions options;
        options.limit(4);
        const DatagramSocket receiver = co_await open_datagram_socket(std::move(ours), options);
        const DatagramSocket sender = co_await open_datagram_socket(std::move(theirs));
        const auto send = [&]() -> Coro<> {
            for (int i = 0; i < 20'000; ++i) co_await sender.send(std::to_string(i));
            co_await sender.send("end");
            sender.close();
        };
        const Task<> sending = create_task(send);
        co_await turns(100);
        EXPECT_FALSE(sending.done());  // the transport's buffer is full
        int received = 0;
        for (std::string data; data != "end"; ++received) {
            data = co_await receiver.recv();
            if (data != "end") {
                EXPECT_EQ(data, std::to_string(received));
            }
        }
        EXPECT_EQ(received, 20'001);
        EXPECT_EQ(receiver.dropped(), 0U);
        co_await sending;
        co_await sender.wait_closed();
        co_await close(receiver);
    });
}

TEST_F(DatagramSocketTest, ErrorsOfTheNetworkAreThrownOnce) {
    run([&]() -> Coro<> {
        const DatagramSocket socket = co_await open_datagram_socket(DatagramOptions().remote_addr(there));
        peer.close();
        for (int round = 0; round < 2; ++round) {
            co_await socket.send("anybody?");
            bool refused = false;
            try {
                co_await socket.recv();
            } catch (const ConnectionRefusedError&) {
                refused = true;
            }
            EXPECT_TRUE(refused);
        }
        peer = Socket::datagram(AF_INET);
        peer.bind(there);
        co_await socket.send("now");
        co_await arrive(peer, make_texts("now"));
        send_packet(peer, socket.sockname(), "yes");
        const std::string data = co_await socket.recv();
        EXPECT_EQ(data, "yes");
        co_await close(socket);
    });
}

TEST_F(DatagramSocketTest, WhatCannotBeSentIsToldToItsSender) {
    run([&]() -> Coro<> {
        const DatagramSocket socket = co_await open_datagram_socket(DatagramOptions().remote_addr(there));
        const std::string too_long(66'000, 'x');
        const std::string error = co_await caught(socket.send(too_long));
        EXPECT_TRUE(error.ends_with("Message too long")) << error;
        co_await socket.send("short");
        co_await arrive(peer, make_texts("short"));
        co_await close(socket);
    });
}

TEST_F(DatagramSocketTest, TheLastHandleCloses) {
    run([&]() -> Coro<> {
        DatagramSocket socket = co_await open_datagram_socket(DatagramOptions().remote_addr(there));
        DatagramSocket copy = socket;
        EXPECT_EQ(copy, socket);
        const Task<std::string> waits = create_task(caught(socket.recv()));
        co_await turns(2);
        socket = DatagramSocket();
        EXPECT_FALSE(socket);
        EXPECT_NE(copy, socket);
        EXPECT_EQ(loop().stats().descriptors, 1U);
        copy = DatagramSocket();
        const std::string error = co_await waits;
        EXPECT_TRUE(error.ends_with("Bad file descriptor")) << error;
        EXPECT_EQ(loop().stats().descriptors, 0U);
        EXPECT_THROW(static_cast<void>(socket.recv()), RuntimeError);
        EXPECT_THROW(socket.close(), RuntimeError);
    });
}

TEST_F(DatagramSocketTest, AsAContextManager) {
    run([&]() -> Coro<> {
        const DatagramSocket socket = co_await open_datagram_socket(DatagramOptions().remote_addr(there));
        const auto body = [&](DatagramSocket inner) -> Coro<int> {
            EXPECT_EQ(inner, socket);
            co_await inner.send("x");
            co_return 5;
        };
        const int result = co_await async_with(socket, body);
        EXPECT_EQ(result, 5);
        EXPECT_EQ(loop().stats().descriptors, 0U);
        co_await arrive(peer, make_texts("x"));
    });
}

TEST_F(DatagramSocketTest, TheLoopEndsFirst) {
    const int before = open_descriptors();
    {
        const EventLoopPtr mine = new_event_loop();
        DatagramSocket kept =
            mine->run_until_complete(open_datagram_socket(DatagramOptions().remote_addr(there)));
        const Task<std::string> waits = mine->create_task(kept.recv());
        mine->run_until_complete(sleep(0s));
        mine->close();
        EXPECT_TRUE(kept.is_closing());
    }
    EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace aio::tests
