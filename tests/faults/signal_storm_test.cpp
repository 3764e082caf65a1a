// SPDX-License-Identifier: MIT
// A signal every 100 us, without SA_RESTART, while all kinds of channels do a fixed amount of work: no call
// that is interrupted loses, doubles or ends anything.
#include <faults/held.hpp>
#include <streams/streams_support.hpp>
#include <support/heap.hpp>
#include <support/pipe.hpp>
#include <support/signal_storm.hpp>
#include <support/temporary_file.hpp>
#include <support/temporary_folder.hpp>

#include <aio/net/sock.hpp>
#include <aio/pipe.hpp>
#include <aio/subprocess.hpp>

#include <netdb.h>
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

constexpr std::size_t kMuch = 1 << 20;

struct EintrStorm : StreamsTest {
    /// The work again and again, until enough signals have come.
    template <class Work>
    void run_in_storm(Work work) {
        run([&]() -> Coro<> {
            const Held before = held_by(loop());
            std::size_t memory = 0;
            {
                const SignalStorm storm;
                do {
                    co_await work();
                    if (memory == 0) memory = allocated_bytes();  // what is kept for others is there then
                } while (!storm.enough() && !HasFailure());
            }
            co_await turns(5);
            EXPECT_EQ(held_by(loop()), before);
            EXPECT_LT(allocated_bytes(), memory + kMuch / 4);
        });
        EXPECT_TRUE(reports().empty()) << reports().front();
    }
    static Coro<> echo(StreamReader reader, StreamWriter writer) {
        while (auto chunk = co_await reader.next_chunk()) {
            writer.write(*chunk);
            co_await writer.drain();
        }
        writer.close();
        co_await writer.wait_closed();
    }
    static Coro<> send_all(StreamWriter writer, std::string data) {
        writer.write(data);
        co_await writer.drain();
        writer.write_eof();
    }
    /// Everything comes back, once.
    static Coro<> talk(StreamPair streams, std::string data) {
        const auto sending = create_task(send_all(streams.second, data));
        const std::string answer = co_await streams.first.read();
        EXPECT_TRUE(answer == data) << answer.size() << " bytes of " << data.size();
        co_await sending;
        streams.second.close();
        co_await streams.second.wait_closed();
    }
    Coro<> connect_and_send(TransportSocket client, SocketAddress address) const {
        co_await sock_connect(client, std::move(address));
        co_await sock_sendall(client, much);
    }
    const std::string much = numbered(kMuch);
};

TEST_F(EintrStorm, TcpStreams) {
    run_in_storm([&]() -> Coro<> {
        const Server server = co_await start_server(echo, "127.0.0.1", 0);
        co_await talk(co_await open_connection("127.0.0.1", port_of(server)), much);
        co_await end(server);
    });
}

TEST_F(EintrStorm, UnixStreams) {
    const TemporaryFolder folder;
    run_in_storm([&]() -> Coro<> {
        const std::string path = folder.file("socket");
        const Server server = co_await start_unix_server(echo, path);
        co_await talk(co_await open_unix_connection(path), much);
        co_await end(server);
    });
}

TEST_F(EintrStorm, ConnectAndAccept) {
    run_in_storm([&]() -> Coro<> {
        const Server server = co_await start_server(echo, "127.0.0.1", 0);
        const auto one = [](int port, std::string text) -> Coro<> {
            co_await talk(co_await open_connection("127.0.0.1", port), std::move(text));
        };
        std::vector<Coro<>> clients;
        for (int i = 0; i < 30; ++i) clients.push_back(one(port_of(server), "client " + std::to_string(i)));
        co_await gather(std::move(clients));
        co_await end(server);
    });
}

TEST_F(EintrStorm, Datagrams) {
    run_in_storm([&]() -> Coro<> {
        const DatagramSocket there =
            co_await open_datagram_socket(DatagramOptions().local_addr("127.0.0.1", 0));
        const DatagramSocket here = co_await open_datagram_socket("127.0.0.1", there.sockname().port());
        for (int round = 0; round < 20; ++round) {
            // The first one goes by itself, the others together.
            for (int i = 0; i < 20; ++i) co_await here.send(std::to_string(i));
            for (int i = 0; i < 20; ++i) {
                const Datagram packet = co_await there.recvfrom();
                EXPECT_EQ(packet.first, std::to_string(i));
                co_await there.sendto(packet.first, packet.second);
                const std::string answer = co_await here.recv();
                EXPECT_EQ(answer, std::to_string(i));
            }
        }
        for (const DatagramSocket& each : {there, here}) {
            each.close();
            co_await each.wait_closed();
        }
    });
}

TEST_F(EintrStorm, Pipes) {
    run_in_storm([&]() -> Coro<> {
        Pipe pipe;
        StreamReader reader;
        const auto reading = co_await connect_read_pipe(
            [&reader] { return std::make_shared<StreamReaderProtocol>(reader); }, pipe.take_reading());
        const auto writing = co_await connect_write_pipe(
            [] { return std::make_shared<StreamReaderProtocol>(StreamReader()); }, pipe.take_writing());
        StreamWriter writer(*writing.first, writing.second);
        const auto sending = create_task(send_all(writer, much));
        const std::string received = co_await reader.read();
        EXPECT_TRUE(received == much) << received.size();
        co_await sending;
        co_await writer.wait_closed();
    });
}

TEST_F(EintrStorm, SocketsOfOnesOwn) {
    run_in_storm([&]() -> Coro<> {
        const Socket listening = bound_socket();
        listening.listen(10);
        const Socket client = Socket::stream(AF_INET);
        const auto sending = create_task(connect_and_send(client, listening.getsockname()));
        auto accepted = co_await sock_accept(listening);
        std::string received;
        while (received.size() < much.size()) {
            const std::string piece = co_await sock_recv(accepted.first, 65536);
            if (piece.empty()) break;
            received += piece;
        }
        EXPECT_TRUE(received == much);
        co_await sending;
    });
}

TEST_F(EintrStorm, Files) {
    run_in_storm([&]() -> Coro<> {
        const TemporaryFile file(much);
        const auto serve = [&file](StreamReader, StreamWriter writer) -> Coro<> {
            co_await writer.sendfile(file.fd());
            writer.close();
            co_await writer.wait_closed();
        };
        const Server server = co_await start_server(serve, "127.0.0.1", 0);
        auto streams = co_await open_connection("127.0.0.1", port_of(server));
        const std::string received = co_await streams.first.read();
        EXPECT_TRUE(received == much) << received.size();
        streams.second.close();
        co_await streams.second.wait_closed();
        co_await end(server);
    });
}

TEST_F(EintrStorm, Subprocesses) {
    run_in_storm([&]() -> Coro<> {
        subprocess::Options options;
        options.stdin(subprocess::PIPE).stdout(subprocess::PIPE);
        auto process = co_await create_subprocess_exec(options, "sh", "-c", "cat; exit 3");
        const subprocess::Output output = co_await process.communicate(much);
        EXPECT_TRUE(output.out == much) << output.out.size();
        EXPECT_EQ(process.returncode(), 3);
        try {
            co_await create_subprocess_exec(options, "/nowhere/at/all");
            ADD_FAILURE();
        } catch (const OSError& error) {
            EXPECT_EQ(error.error_number(), ENOENT);
        }
    });
}

TEST_F(EintrStorm, LookUpsInThreads) {
    run_in_storm([&]() -> Coro<> {
        const auto found = co_await getaddrinfo("127.0.0.1", "http", AddrInfoOptions().type(SOCK_STREAM));
        EXPECT_EQ(found.at(0).address.str(), "127.0.0.1:80");
    });
}

}  // namespace
}  // namespace aio::tests
