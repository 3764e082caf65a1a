// SPDX-License-Identifier: MIT
// The same over TLS, also in the middle of its handshake.
#include <peers/resets_support.hpp>
#include <ssl/ssl_support.hpp>

#include <memory>
#include <string>

namespace aio::tests {
namespace {

class TlsResets : public Resets {
protected:
    Coro<Task<StreamPair>> begin(const Socket& listening) {
        ConnectOptions options;
        options.ssl(client_side).server_hostname("localhost");
        auto connecting =
            create_task(open_connection("127.0.0.1", listening.getsockname().port(), std::move(options)));
        co_await turns(1);
        co_return connecting;
    }
    // What a client says first.
    Coro<std::string> hello() {
        const Socket listening = bound_socket();
        listening.listen(1);
        auto connecting = co_await begin(listening);
        await_events(listening.fileno(), POLLIN);
        const Socket accepted(::accept4(listening.fileno(), nullptr, nullptr, SOCK_NONBLOCK));
        std::string said;
        while (said.empty()) {
            co_await turns(1);
            said = read_all(accepted.fileno());
        }
        connecting.cancel();
        co_await ended(connecting);
        co_return said;
    }

    const std::shared_ptr<ssl::Context> server_side = server_context();
    const std::shared_ptr<ssl::Context> client_side = client_context();
};

TEST_F(TlsResets, OfClientsInTheHandshake) {
    run([&]() -> Coro<> {
        const std::string said = co_await hello();
        EXPECT_GT(said.size(), 100U);
        Server server = co_await echo_server(ServerOptions().ssl(server_side));
        co_await leave_everywhere(server, said);
        EXPECT_EQ(broken, 0) << "none became a connection";
        auto streams = co_await open_connection(
            "127.0.0.1", port_of(server), ConnectOptions().ssl(client_side).server_hostname("localhost"));
        streams.second.write("still here\n");
        EXPECT_EQ(co_await streams.first.readline(), "still here\n");
        streams.second.close();
        co_await streams.second.wait_closed();
        server.close();
        co_await server.wait_closed();
    });
}

TEST_F(TlsResets, OfAServerInTheHandshake) {
    run([&]() -> Coro<> {
        for (const bool reads : {true, false}) {
            const Socket listening = bound_socket();
            listening.listen(1);
            auto connecting = co_await begin(listening);
            await_events(listening.fileno(), POLLIN);
            Socket accepted(::accept4(listening.fileno(), nullptr, nullptr, SOCK_NONBLOCK));
            if (reads) {
                co_await until([&] { return !read_all(accepted.fileno()).empty(); });
            }
            reset(std::move(accepted));
            co_await ended(connecting);
            EXPECT_NE(exception_ptr_cast<ConnectionResetError>(connecting.exception()), nullptr)
                << text_of(connecting.exception());
            EXPECT_EQ(loop().stats().descriptors, 0U);
            EXPECT_EQ(loop().stats().timers, 0U);
        }
    });
    EXPECT_TRUE(reports().empty());
}

// Behind the handshake: an error of the connection, not one that OpenSSL has words for.
TEST_F(TlsResets, OfAServerLater) {
    run([&]() -> Coro<> {
        auto drop = [](StreamReader reader, StreamWriter writer) -> Coro<> {
            const std::string line = co_await reader.readline();
            reset_on_close(writer.transport().fd());
            writer.transport().abort();
        };
        Server server = co_await start_server(drop, "127.0.0.1", 0, ServerOptions().ssl(server_side));
        auto streams = co_await open_connection(
            "127.0.0.1", port_of(server), ConnectOptions().ssl(client_side).server_hostname("localhost"));
        auto& [reader, writer] = streams;
        writer.write("hello\n");
        const auto read = co_await as_result(reader.read());
        EXPECT_TRUE(read.raised<ConnectionResetError>()) << text_of(read.exception());
        const auto drained = co_await as_result(writer.drain());
        EXPECT_TRUE(drained.raised<ConnectionResetError>()) << text_of(drained.exception());
        writer.close();
        const auto closed = co_await as_result(writer.wait_closed());
        EXPECT_TRUE(closed.raised<ConnectionResetError>()) << text_of(closed.exception());
        server.close();
        co_await server.wait_closed();
        co_await until([&] { return loop().stats().descriptors == 0; });
    });
    EXPECT_TRUE(reports().empty());
}

}  // namespace
}  // namespace aio::tests
