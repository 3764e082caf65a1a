// SPDX-License-Identifier: MIT
#include <net/net_support.hpp>
#include <support/certificates.hpp>
#include <support/inject.hpp>

#include <aio/endpoints.hpp>
#include <aio/ssl.hpp>
#include <aio/streams.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

// A server that secures every connection, before or after a line, and then answers a line.
struct TlsServer : Scenario {
    std::shared_ptr<ssl::Context> server_side = ssl::create_default_context(ssl::Purpose::CLIENT_AUTH);
    std::shared_ptr<ssl::Context> client_side;
    std::optional<Server> server;
    int port = 0;

    TlsServer() {
        static const Identity identity = issue(Wanted());
        const PrivateFolder folder;
        const std::string file = folder.write("both", identity.both());
        server_side->load_cert_chain(file);
        client_side = ssl::create_default_context(ssl::Purpose::SERVER_AUTH, file);
    }
    virtual bool from_the_beginning() const { return true; }
    Coro<> answer(StreamReader reader, StreamWriter writer) {
        try {
            if (!from_the_beginning()) {
                const std::string line = co_await reader.readline();
                if (!line.empty()) co_await writer.start_tls(server_side);
            }
            writer.write(co_await reader.readline());
        } catch (const OSError&) {  // the client was cancelled
        }
        writer.close();
    }
    Coro<> prepare() override {
        ServerOptions options;
        if (from_the_beginning()) options.ssl(server_side);
        auto callback = [this](StreamReader reader, StreamWriter writer) {
            return answer(std::move(reader), std::move(writer));
        };
        server = co_await start_server(std::move(callback), "127.0.0.1", 0, std::move(options));
        port = server->sockets()[0].getsockname().port();
    }
    Coro<> finish() override {
        server->close();
        co_await server->wait_closed();
        server.reset();
    }
    static Coro<> converse(StreamReader reader, StreamWriter writer) {
        writer.write("hello\n");
        const std::string line = co_await reader.readline();
        EXPECT_EQ(line, "hello\n");
        writer.close();
        co_await writer.wait_closed();
    }
};

struct ConnectsSecurely : TlsServer {
    Coro<> subject() override {
        const auto options = ConnectOptions().ssl(client_side).server_hostname("localhost");
        auto streams = co_await open_connection("127.0.0.1", port, options);
        co_await converse(streams.first, streams.second);
    }
};

struct BecomesSecure : TlsServer {
    bool from_the_beginning() const override { return false; }
    Coro<> subject() override {
        auto streams = co_await open_connection("127.0.0.1", port);
        streams.second.write("STARTTLS\n");
        co_await streams.second.start_tls(client_side, StartTlsOptions().server_hostname("localhost"));
        co_await converse(streams.first, streams.second);
    }
};

TEST(TlsInjection, OpenConnection) { inject<ConnectsSecurely>(20); }
TEST(TlsInjection, StartTls) { inject<BecomesSecure>(20); }

}  // namespace
}  // namespace aio::tests
