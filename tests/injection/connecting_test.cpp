// SPDX-License-Identifier: MIT
// Connecting to several addresses, and over Unix sockets: cancelled at every point nothing is left of it.
#include <streams/streams_support.hpp>
#include <support/inject.hpp>
#include <support/known_addresses.hpp>
#include <support/temporary_file.hpp>
#include <support/temporary_folder.hpp>

#include <aio/endpoints.hpp>
#include <aio/streams.hpp>
#include <aio/transport/sendfile.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

// Two addresses from which nothing comes, one that refuses and one that answers.
struct ConnectsInStages : Scenario {
    Unanswering silent;
    Unanswering silent_too;
    Socket closed = bound_socket();
    Socket listening = bound_socket();

    virtual ConnectOptions options() const = 0;
    Coro<> prepare() override {
        listening.listen(10);
        const auto resolver = std::make_shared<KnownAddresses>();
        resolver->names["host.test"] = {silent.address(), closed.getsockname(), silent_too.address(),
                                        listening.getsockname()};
        set_resolver(get_running_loop(), resolver);
        co_return;
    }
    Coro<> subject() override {
        auto streams = co_await open_connection("host.test", 80, options());
        auto& [reader, writer] = streams;
        EXPECT_EQ(writer.transport().peername(), listening.getsockname());
        writer.close();
        co_await writer.wait_closed();
    }
};
struct ConnectsStaggered : ConnectsInStages {
    ConnectOptions options() const override { return ConnectOptions().happy_eyeballs_delay(1s); }
};
struct ConnectsInTime : ConnectsInStages {
    ConnectOptions options() const override { return ConnectOptions().connect_timeout(8s); }
};
TEST(ConnectingInjection, Staggered) { inject<ConnectsStaggered>(14); }
TEST(ConnectingInjection, EachInItsTime) { inject<ConnectsInTime>(14); }

struct UnixServing : Scenario {
    TemporaryFolder folder;
    std::string path = folder.file("socket");
    std::optional<Server> server;

    Coro<> listen() {
        const auto answer = [](StreamReader reader, StreamWriter writer) -> Coro<> {
            const std::string line = co_await reader.readline();
            writer.write(line);
            writer.close();
        };
        server = co_await start_unix_server(answer, path);
    }
    Coro<> finish() override {
        if (server) {
            server->close();
            co_await server->wait_closed();
            server.reset();
        }
        EXPECT_FALSE(std::filesystem::exists(path));
    }
};
struct StartsUnixServer : UnixServing {
    Coro<> subject() override { co_await listen(); }
};
TEST(ConnectingInjection, StartUnixServer) { inject<StartsUnixServer>(4); }

struct ConnectsToUnixServer : UnixServing {
    Coro<> prepare() override { co_await listen(); }
    Coro<> subject() override {
        auto streams = co_await open_unix_connection(path);
        co_await say_hello(std::move(streams));
    }
};
TEST(ConnectingInjection, OpenUnixConnection) { inject<ConnectsToUnixServer>(14); }

// A drain() that is cancelled leaves a server that is closed, and connections that live on.
struct Drains : UnixServing {
    std::optional<StreamPair> client;
    Coro<> prepare() override {
        const auto stubborn = [](StreamReader reader, StreamWriter writer) -> Coro<> {
            for (;;) {
                try {
                    const std::string line = co_await reader.readline();
                    if (line.empty()) break;
                } catch (const CancelledError&) {
                }
            }
            writer.close();
        };
        server = co_await start_unix_server(stubborn, path);
        client = co_await open_unix_connection(path);
    }
    Coro<> subject() override {
        const DrainReport report = co_await server->drain(5s, 5s);
        EXPECT_EQ(report.left.size(), 1U);
    }
    Coro<> others() override {
        co_await sleep(30s);
        client->second.close();
        co_await as_result(client->second.wait_closed());
    }
    Coro<> finish() override {
        client.reset();
        co_await UnixServing::finish();
    }
};
TEST(ConnectingInjection, Drain) { inject<Drains>(10); }

// A file over a connection that is slow: what arrives is a beginning of it, and the file's position tells how
// much; the connection goes on.
struct SendsFile : Scenario {
    static constexpr std::size_t kSize = 300'000;
    TemporaryFile file{numbered(kSize)};
    Socket peer;
    std::optional<StreamPair> streams;
    std::string received;

    Coro<> prepare() override {
        auto [ours, theirs] = socket_pair(kSmallBuffer);
        peer = std::move(theirs);
        streams = co_await open_connection(std::move(ours));
    }
    Coro<> subject() override {
        const auto sent = co_await streams->second.sendfile(file.fd());
        EXPECT_EQ(sent, kSize);
    }
    Coro<> others() override {
        for (int i = 0; i < 20; ++i) {
            co_await sleep(10ms);
            received += read_all(peer.fileno());
        }
    }
    Coro<> finish() override {
        streams->second.write("!");
        while (received.empty() || received.back() != '!') {
            co_await sleep(10ms);
            received += read_all(peer.fileno());
        }
        streams->second.close();
        co_await streams->second.wait_closed();
        streams.reset();
        const auto sent = static_cast<std::size_t>(file.position());
        EXPECT_TRUE(received == numbered(sent) + "!");
    }
};
TEST(ConnectingInjection, Sendfile) { inject<SendsFile>(20); }

}  // namespace
}  // namespace aio::tests
