// SPDX-License-Identifier: MIT
#pragma once

#include <streams/streams_support.hpp>
#include <support/certificates.hpp>

#include <aio/ssl.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>

namespace aio::tests {

/// The authority that tests trust, made once.
inline const Identity& test_authority() {
    static const Identity authority = issue_authority("aio test authority");
    return authority;
}
/// "localhost", signed by it.
inline const Identity& test_server() {
    static const Identity server = issue(Wanted(), &test_authority());
    return server;
}

/// Loads what a PEM file would hold.
inline void load(ssl::Context& context, const std::string& pem) {
    const PrivateFolder folder;
    context.load_cert_chain(folder.write("chain.pem", pem));
}

/// A server's context for that identity.
inline std::shared_ptr<ssl::Context> server_context(const Identity& identity = test_server()) {
    auto context = ssl::create_default_context(ssl::Purpose::CLIENT_AUTH);
    load(*context, identity.both());
    return context;
}
/// A client's that trusts that authority.
inline std::shared_ptr<ssl::Context> client_context(const Identity& authority = test_authority()) {
    return ssl::create_default_context(ssl::Purpose::SERVER_AUTH, "", "", authority.certificate());
}

using aio::testing::MemoryPipe;
using aio::testing::MemoryPipeOptions;
using End = MemoryPipe::End;

/// TLS streams between a server and clients on one loop, in virtual time.
class SslTest : public StreamsTest {
protected:
    SslTest() {
        loop().set_exception_handler(
            [this](EventLoop&, const ExceptionContext& c) { reports += c.message() + ";"; });
    }
    Coro<Server> echo_server() { return echo_server(ServerOptions().ssl(server)); }
    Coro<Server> echo_server(ServerOptions options) {
        return start_server(
            [this](aio::StreamReader r, StreamWriter w) { return echo(std::move(r), std::move(w)); },
            "127.0.0.1", 0, std::move(options));
    }
    Coro<> echo(aio::StreamReader reader, StreamWriter writer) {
        ++clients;
        seen_by_server = writer.get_extra_info("ssl_object");
        try {
            while (auto chunk = co_await reader.next_chunk()) {
                writer.write(*chunk);
                co_await writer.drain();
            }
        } catch (const OSError& e) {
            server_error = e.what();
        }
        writer.close();
        const auto end = co_await as_result(writer.wait_closed());
        --clients;
    }
    ConnectOptions secured(std::string name = "localhost") const {
        return ConnectOptions().ssl(client).server_hostname(std::move(name));
    }
    Coro<StreamPair> connect(const Server& to) {
        return open_connection("127.0.0.1", port_of(to), secured());
    }
    static ssl::SSLObject object_of(const StreamWriter& writer) {
        return std::any_cast<ssl::SSLObject>(writer.get_extra_info("ssl_object"));
    }
    ssl::SSLObject server_object() const { return std::any_cast<ssl::SSLObject>(seen_by_server); }
    /// What a connection with these options fails with; empty if it does not.
    Coro<std::exception_ptr> refusal(Server to, ConnectOptions options) {
        try {
            auto streams = co_await open_connection("127.0.0.1", port_of(to), std::move(options));
            streams.second.close();
            co_await streams.second.wait_closed();
        } catch (const std::exception&) {
            co_return std::current_exception();
        }
        co_return nullptr;
    }

    /// Streams over one end of a pipe, not secured yet.
    StreamPair client_end(const MemoryPipe& pipe) {
        aio::StreamReader reader;
        const auto protocol = std::make_shared<StreamReaderProtocol>(reader);
        const Ref<Transport> transport = pipe.make_transport(loop(), End::first, protocol);
        StreamWriter writer(*transport, protocol, reader);
        return StreamPair(std::move(reader), std::move(writer));
    }
    void server_end(const MemoryPipe& pipe, ClientConnectedCallback callback) {
        pipe.make_transport(loop(), End::second,
                            std::make_shared<StreamReaderProtocol>(aio::StreamReader(), std::move(callback)));
    }
    static Coro<> settle() {
        for (int i = 0; i < 50; ++i) co_await sleep(1ms);
    }
    /// A secured pair over that pipe.
    Coro<std::pair<StreamPair, StreamPair>> secured_pair(const MemoryPipe& pipe) {
        auto made = loop().create_future<StreamPair>();
        server_end(pipe, [this, made](aio::StreamReader r, StreamWriter w) {
            return create_task(upgraded_server(std::move(r), std::move(w), made));
        });
        StreamPair ours = client_end(pipe);
        co_await turns(3);
        co_await ours.second.start_tls(client, StartTlsOptions().server_hostname("localhost"));
        StreamPair theirs = co_await made;
        co_return std::pair<StreamPair, StreamPair>(std::move(ours), std::move(theirs));
    }
    Coro<> upgraded_server(aio::StreamReader reader, StreamWriter writer, Future<StreamPair> made) {
        co_await writer.start_tls(server);
        made.set_result(StreamPair(reader, writer));
    }

    std::shared_ptr<ssl::Context> server = server_context();
    std::shared_ptr<ssl::Context> client = client_context();
    std::any seen_by_server;
    std::string server_error;
    std::string reports;
    int clients = 0;
};

inline std::string text_of(const std::exception_ptr& error) {
    if (!error) return "accepted";
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    }
}

}  // namespace aio::tests
