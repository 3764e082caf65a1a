// SPDX-License-Identifier: MIT
#include <support/caught.hpp>
#include <support/datagrams.hpp>
#include <support/ended.hpp>

#include <aio/aio.hpp>

#include <gtest/gtest.h>
#include <netdb.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>

namespace aio::tests {
namespace {

struct DatagramEndpointTest : DatagramTest {
    const std::function<std::shared_ptr<Packets>()> factory = [this] { return protocol; };

    Coro<Ref<DatagramTransport>> open(DatagramOptions options) {
        auto made = co_await create_datagram_endpoint(factory, std::move(options));
        EXPECT_EQ(made.second, protocol);
        EXPECT_EQ(protocol->calls, Texts{"made"});
        co_return made.first;
    }
    Coro<std::string> error_of(DatagramOptions options) {
        const auto make = [] { return std::make_shared<Packets>(); };
        return caught(create_datagram_endpoint(make, std::move(options)));
    }
    Coro<> close(Ref<DatagramTransport> transport) {
        transport->close();
        co_await until_lost();
        protocol = std::make_shared<Packets>();
    }
};

/// A folder of the test's own, for sockets' files.
struct Folder {
    std::string path = [] {
        std::string name = std::filesystem::temp_directory_path() / "aio-datagrams-XXXXXX";
        if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
        return name;
    }();
    Folder() = default;
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path); }
};

TEST_F(DatagramEndpointTest, BoundAndConnected) {
    run([&]() -> Coro<> {
        const Socket peer = bound_udp();
        const int port = peer.getsockname().port();
        auto transport =
            co_await open(DatagramOptions().local_addr("127.0.0.1", 0).remote_addr("localhost", port));
        EXPECT_EQ(transport->peername(), peer.getsockname());
        EXPECT_EQ(transport->sockname().host(), "127.0.0.1");
        transport->sendto("x");
        co_await arrive(peer, make_texts("x"));
        send_packet(peer, transport->sockname(), "y");
        co_await until_packets(1);
        co_await close(transport);

        transport = co_await open(DatagramOptions().remote_addr(peer.getsockname()));
        transport->sendto("by address");
        co_await arrive(peer, make_texts("by address"));
        co_await close(transport);

        transport = co_await open(DatagramOptions().family(AF_INET));
        transport->sendto("unbound", peer.getsockname());
        co_await arrive(peer, make_texts("unbound"));
        co_await close(transport);

        transport = co_await open(DatagramOptions().local_addr("", 0).family(AF_INET));
        EXPECT_EQ(transport->sockname().host(), "0.0.0.0");
        co_await close(transport);
    });
}

TEST_F(DatagramEndpointTest, OptionsOfTheSocket) {
    run([&]() -> Coro<> {
        auto transport = co_await open(DatagramOptions()
                                           .local_addr("127.0.0.1", 0)
                                           .proto(IPPROTO_UDP)
                                           .flags(AI_NUMERICHOST)
                                           .reuse_port(true)
                                           .allow_broadcast(true));
        const TransportSocket socket(transport->fd());
        EXPECT_EQ(socket.getsockopt(SOL_SOCKET, SO_REUSEPORT), 1);
        EXPECT_EQ(socket.getsockopt(SOL_SOCKET, SO_BROADCAST), 1);
        EXPECT_EQ(socket.getsockopt(SOL_SOCKET, SO_REUSEADDR), 0);
        co_await close(transport);
        // With allow_broadcast() the peer is no more than where packets go.
        const Socket peer = bound_udp();
        transport = co_await open(DatagramOptions().remote_addr(peer.getsockname()).allow_broadcast(true));
        EXPECT_TRUE(transport->peername().empty());
        transport->sendto("x");
        co_await arrive(peer, make_texts("x"));
        EXPECT_THROW(transport->sendto("x", transport->sockname()), ValueError);
        co_await close(transport);
    });
}

TEST_F(DatagramEndpointTest, ASocketOfOnesOwn) {
    run([&]() -> Coro<> {
        const Socket peer = bound_udp();
        auto made = co_await create_datagram_endpoint(factory, connected_udp(peer.getsockname()));
        made.first->sendto("x");
        co_await arrive(peer, make_texts("x"));
        co_await close(made.first);
        const std::string error = co_await caught(create_datagram_endpoint(factory, Socket::stream(AF_INET)));
        EXPECT_TRUE(error.starts_with("A datagram socket was expected")) << error;
    });
}

TEST_F(DatagramEndpointTest, WhatCannotBe) {
    run([&]() -> Coro<> {
        const int before = open_descriptors();
        std::string error = co_await error_of(DatagramOptions());
        EXPECT_EQ(error, "unexpected address family");
        error = co_await error_of(DatagramOptions().local_addr("127.0.0.1", 0).remote_addr("::1", 9));
        EXPECT_EQ(error, "can not get address information");
        error = co_await error_of(DatagramOptions().local_addr("/tmp/x").family(AF_INET));
        EXPECT_EQ(error, "can not get address information");
        error = co_await error_of(DatagramOptions().local_addr("127.0.0.1", 70'000));
        EXPECT_EQ(error, "port must be 0-65535, not 70000");
        error = co_await error_of(DatagramOptions().local_addr(std::string(200, 'x')));
        EXPECT_TRUE(error.starts_with("Unix socket path of 200 bytes is too long")) << error;
        const Socket taken = bound_udp();
        error = co_await error_of(DatagramOptions().local_addr(taken.getsockname()));
        EXPECT_TRUE(error.ends_with("Address already in use")) << error;
        // TEST-NET-1 is nobody's.
        error = co_await error_of(DatagramOptions().local_addr("192.0.2.1", 0));
        EXPECT_TRUE(error.ends_with("Cannot assign requested address")) << error;
        EXPECT_EQ(open_descriptors(), before + 1);
        EXPECT_EQ(loop().stats().descriptors, 0U);
    });
}

TEST_F(DatagramEndpointTest, UnixPathsAndAbstractNames) {
    const Folder folder;
    const std::string number = std::to_string(::getpid());
    for (const std::string& name : {folder.path + "/socket", std::string("\0aio-\0name-", 11) + number}) {
        run([&]() -> Coro<> {
            const auto server = std::make_shared<Packets>();
            const auto make_server = [&] { return server; };
            auto made = co_await create_datagram_endpoint(make_server, DatagramOptions().local_addr(name));
            EXPECT_EQ(made.first->sockname().path(), name);
            auto transport = co_await open(DatagramOptions()
                                               .local_addr(std::string("\0aio-client-", 12) + number)
                                               .remote_addr(name)
                                               .family(AF_UNIX));
            transport->sendto("question");
            transport->sendto("");
            co_await until([&] { return server->packets.size() >= 2; });
            EXPECT_EQ(server->senders[0], transport->sockname());
            EXPECT_EQ(server->senders[1], transport->sockname());
            made.first->sendto("answer", server->senders[0]);
            co_await until_packets(1);
            EXPECT_EQ(protocol->senders[0].path(), name);
            co_await close(transport);
            made.first->close();
            co_await until([&] { return server->lost; });
        });
    }
}

TEST_F(DatagramEndpointTest, AUnixPathThatIsTaken) {
    const Folder folder;
    const std::string path = folder.path + "/socket";
    run([&]() -> Coro<> {
        auto transport = co_await open(DatagramOptions().local_addr(path));
        std::string error = co_await error_of(DatagramOptions().local_addr(path));
        EXPECT_TRUE(error.ends_with("Address already in use")) << "somebody receives there: " << error;
        co_await close(transport);
        EXPECT_TRUE(std::filesystem::exists(path));
        transport = co_await open(DatagramOptions().local_addr(path));  // nobody does any more
        co_await close(transport);
        ::unlink(path.c_str());
        std::ofstream(path) << "a file";
        error = co_await error_of(DatagramOptions().local_addr(path));
        EXPECT_TRUE(error.ends_with("Address already in use")) << error;
        EXPECT_TRUE(std::filesystem::is_regular_file(path));
    });
}

TEST_F(DatagramEndpointTest, CancelledInEveryIteration) {
    const Socket peer = bound_udp();
    loop();  // which has descriptors, too
    for (int turns_before = 0;; ++turns_before) {
        protocol = std::make_shared<Packets>();
        const int before = open_descriptors();
        bool done = false;
        run([&]() -> Coro<> {
            const auto attempt = [&]() -> Coro<> {
                auto made = co_await create_datagram_endpoint(
                    factory, DatagramOptions().remote_addr(peer.getsockname()));
                made.first->close();
                done = true;
            };
            const Task<> task = create_task(attempt);
            co_await turns(turns_before);
            task.cancel();
            co_await ended(task);
            co_await turns(3);
        });
        EXPECT_EQ(open_descriptors(), before);
        EXPECT_EQ(loop().stats().descriptors, 0U);
        if (done) break;
        ASSERT_LT(turns_before, 20);
    }
    EXPECT_TRUE(reports().empty());
}

// connection_made() comes before the end of the call, and its error closes the endpoint.
TEST_F(DatagramEndpointTest, AnErrorInConnectionMade) {
    run([&]() -> Coro<> {
        protocol->on_made = [] { throw ValueError("no"); };
        auto made = co_await create_datagram_endpoint(factory, DatagramOptions().local_addr("127.0.0.1", 0));
        EXPECT_TRUE(made.first->is_closing());
        co_await until_lost();
        EXPECT_EQ(protocol->calls, (Texts{"made", "lost ValueError"}));
    });
    EXPECT_EQ(reports().size(), 1U);
}

}  // namespace
}  // namespace aio::tests
