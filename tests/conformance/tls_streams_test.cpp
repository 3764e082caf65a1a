// SPDX-License-Identifier: MIT
// S148 and S149: TLS.
#include "network.hpp"

#include <support/certificates.hpp>

#include <aio/ssl.hpp>

#include <memory>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

// One certificate, signed by itself, as the scenarios have it.
struct TlsContexts {
    TlsContexts() {
        const PrivateFolder folder;
        const Identity identity = issue(Wanted());
        const std::string file = folder.write("both", identity.both());
        server->load_cert_chain(file);
        client = ssl::create_default_context(ssl::Purpose::SERVER_AUTH, file);
    }
    std::shared_ptr<ssl::Context> server = ssl::create_default_context(ssl::Purpose::CLIENT_AUTH);
    std::shared_ptr<ssl::Context> client;
};

TEST_F(Conformance, S148_tls_transports_look_like_plain_ones) {
    const TlsContexts contexts;
    run([&]() -> Coro<> {
        auto serve = [](StreamReader r, StreamWriter w) -> Coro<> {
            w.write(co_await r.readline());
            w.close();
        };
        Server s = co_await start_server(serve, "127.0.0.1", 0, ServerOptions().ssl(contexts.server));
        const int port = port_of(s);
        const auto options = ConnectOptions().ssl(contexts.client).server_hostname("localhost");
        auto streams = co_await open_connection("127.0.0.1", port, options);
        auto& [r, w] = streams;
        w.write("hi\n");
        const std::string answer = co_await r.read();
        const auto certificate = std::any_cast<ssl::Certificate>(w.get_extra_info("peercert"));
        print(b(answer.substr(0, 2) + "\\n"), w.can_write_eof(), certificate.subject("commonName"));
        print(w.get_extra_info("ssl_object").has_value(), w.get_extra_info("cipher").has_value());
        const WriteBufferLimits limits = w.transport().get_write_buffer_limits();
        w.close();
        co_await w.wait_closed();
        const auto wrong = ConnectOptions().ssl(contexts.client).server_hostname("wrong");
        try {
            co_await open_connection("127.0.0.1", port, wrong);
        } catch (const ssl::SSLCertVerificationError& e) {
            print("SSLCertVerificationError", e.verify_code(), e.verify_message());
        }
        s.close();
        co_await s.wait_closed();
        try {
            co_await open_connection("127.0.0.1", 1, ConnectOptions().server_hostname("x"));
        } catch (const ValueError& e) {
            print("ValueError", e.what());
        }
        print("(" + std::to_string(limits.low) + ", " + std::to_string(limits.high) + ")");
    });
    expect(
        "b'hi\\n' False localhost\n"
        "True True\n"
        "SSLCertVerificationError 62 Hostname mismatch, certificate is not valid for 'wrong'.\n"
        "ValueError server_hostname is only meaningful with ssl\n"
        "(131072, 524288)\n");
}

TEST_F(Conformance, S149_upgrading_a_plain_connection) {
    const TlsContexts contexts;
    run([&]() -> Coro<> {
        auto serve = [&](StreamReader r, StreamWriter w) -> Coro<> {
            w.write("ready " + co_await r.readline());
            co_await w.drain();
            co_await w.start_tls(contexts.server);
            w.write("secure " + co_await r.readline());
            co_await w.drain();
            w.close();
        };
        Server s = co_await start_server(serve, "127.0.0.1", 0);
        auto streams = co_await connect_to(s);
        auto& [r, w] = streams;
        w.write("STARTTLS\n");
        std::string line = co_await r.readline();
        print(b(line.substr(0, line.size() - 1) + "\\n"));
        co_await w.start_tls(contexts.client, StartTlsOptions().server_hostname("localhost"));
        w.write("hello\n");
        line = co_await r.readline();
        print(b(line.substr(0, line.size() - 1) + "\\n"), w.get_extra_info("cipher").has_value());
        w.close();
        s.close();
        co_await s.wait_closed();
    });
    expect(
        "b'ready STARTTLS\\n'\n"
        "b'secure hello\\n' True\n");
}

}  // namespace
}  // namespace aio::tests
