// SPDX-License-Identifier: MIT
#pragma once

#include <client/memory_connector.hpp>

#include <aio/base/error.hpp>
#include <aio/client/client_session.hpp>
#include <aio/client/connect/tcp_connector.hpp>
#include <aio/compose.hpp>
#include <aio/endpoints.hpp>
#include <aio/streams.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A server that says what a test wants, byte by byte, and remembers what it was told.
namespace aio::tests {

using namespace std::chrono_literals;

/// What a server has received.
struct Received {
    std::string head;  ///< through the empty line
    std::string body;  ///< without chunks
    int connection = 0;

    std::string line() const { return head.substr(0, head.find("\r\n")); }
    std::string target() const {
        const std::string first = line();
        const std::size_t begin = first.find(' ') + 1;
        return first.substr(begin, first.rfind(' ') - begin);
    }
    bool has(std::string_view field) const { return head.find("\r\n" + std::string(field)) != head.npos; }
    /// The value of a field; empty if it is not there.
    std::string field(std::string_view name) const {
        const std::size_t at = head.find("\r\n" + std::string(name) + ": ");
        if (at == head.npos) return {};
        const std::size_t begin = at + name.size() + 4;
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
};

/// The server's end of a connection.
class Peer {
public:
    Peer(aio::StreamReader reader, StreamWriter writer, int number, std::vector<Received>& received)
        : reader_(std::move(reader)), writer_(std::move(writer)), number_(number), received_(received) {}

    int number() const noexcept { return number_; }
    const aio::StreamReader& reader() const noexcept { return reader_; }
    const StreamWriter& writer() const noexcept { return writer_; }

    /// The next request without its body; false at the end of the connection.
    Coro<bool> head() {
        std::string text;
        try {
            text = co_await reader_.readuntil("\r\n\r\n");
        } catch (const IncompleteReadError&) {
            co_return false;
        } catch (const ConnectionError&) {
            co_return false;
        }
        received_.push_back({text, "", number_});
        co_return true;
    }
    /// The body of that request.
    Coro<> body() {
        const std::size_t index = received_.size() - 1;
        if (const std::string length = received_[index].field("Content-Length"); !length.empty()) {
            std::string body = co_await reader_.readexactly(std::stoi(length));
            received_[index].body = std::move(body);
        } else if (received_[index].has("Transfer-Encoding: chunked")) {
            for (;;) {
                const std::string line = co_await reader_.readuntil("\r\n");
                const int size = std::stoi(line, nullptr, 16);
                const std::string chunk = co_await reader_.readexactly(size + 2);
                received_[index].body += chunk.substr(0, static_cast<std::size_t>(size));
                if (size == 0) break;
            }
        }
    }
    /// A request with its body; false at the end of the connection.
    Coro<bool> request() {
        const bool there = co_await head();
        if (there) co_await body();
        co_return there;
    }
    const Received& last() const { return received_.back(); }
    /// Throws ConnectionResetError if the client is gone.
    void send(std::string_view text) const {
        if (writer_.is_closing()) throw ConnectionResetError(ECONNRESET, "the client is gone");
        writer_.write(text);
    }
    /// An answer with its length.
    void answer(std::string_view body, std::string_view head = "HTTP/1.1 200 OK\r\n") const {
        std::string text(head);
        text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
        send(text.append(body));
    }
    void close() const { writer_.close(); }
    /// Waits until the client has closed.
    Coro<> gone() {
        try {
            while (true) {
                const std::string data = co_await reader_.read(1 << 20);
                if (data.empty()) break;
            }
        } catch (const ConnectionError&) {
        }
    }

private:
    aio::StreamReader reader_;
    StreamWriter writer_;
    int number_;
    std::vector<Received>& received_;
};

class RawServer {
public:
    using Serve = std::function<Coro<>(Peer&)>;

    /// `serve` is called for each connection, which is closed when it ends.
    static Coro<std::unique_ptr<RawServer>> start(Serve serve) {
        auto server = std::make_unique<RawServer>();
        server->serve_ = std::move(serve);
        server->server_ =
            co_await start_server(ServerOptions(), "127.0.0.1", 0, &RawServer::accept, server.get());
        co_return server;
    }
    /// One that listens nowhere: its connections are those of connector().
    static std::unique_ptr<RawServer> in_memory(Serve serve) {
        auto server = std::make_unique<RawServer>();
        server->serve_ = std::move(serve);
        server->in_memory_ = true;
        return server;
    }
    /// To be closed before the server.
    std::shared_ptr<MemoryConnector> connector(
        const http::ConnectorOptions& options = http::ConnectorOptions(),
        const testing::MemoryPipeOptions& way = testing::MemoryPipeOptions()) {
        const auto accept = [this](aio::StreamReader reader, StreamWriter writer) {
            writers_.push_back(writer);
            create_task(&RawServer::accept, this, std::move(reader), std::move(writer));
        };
        return std::make_shared<MemoryConnector>(accept, options, way);
    }

    int port() const { return in_memory_ ? 8080 : server_.sockets()[0].getsockname().port(); }
    std::string url(std::string_view path = "/") const {
        return "http://127.0.0.1:" + std::to_string(port()) + std::string(path);
    }
    const std::vector<Received>& received() const noexcept { return received_; }
    const Received& last() const { return received_.back(); }
    int connections() const noexcept { return connections_; }
    int open() const noexcept { return open_; }
    Coro<> close() {
        for (const StreamWriter& writer : writers_) writer.transport().abort();
        if (!in_memory_) {
            server_.close();
            server_.close_clients();
            co_await server_.wait_closed();
        }
        while (open_ > 0) co_await sleep(100ms);
    }

private:
    Coro<> accept(aio::StreamReader reader, StreamWriter writer) {
        ++open_;
        Peer peer(std::move(reader), std::move(writer), connections_++, received_);
        try {
            co_await serve_(peer);
        } catch (const ConnectionError&) {
        } catch (const IncompleteReadError&) {
        }
        peer.close();
        try {
            co_await peer.writer().wait_closed();
        } catch (const ConnectionError&) {
        }
        --open_;
    }

    Serve serve_;
    Server server_;
    std::vector<Received> received_;
    std::vector<StreamWriter> writers_;  // of connections in memory
    int connections_ = 0;
    int open_ = 0;
    bool in_memory_ = false;
};

/// Answers each request with what fn(request) gives, which is all of the answer.
template <class F>
RawServer::Serve answering(F fn) {
    return [fn](Peer& peer) -> Coro<> {
        while (true) {
            const bool there = co_await peer.request();
            if (!there) break;
            peer.send(fn(peer.last()));
        }
    };
}

inline std::string ok(std::string_view body, std::string_view fields = "") {
    return "HTTP/1.1 200 OK\r\n" + std::string(fields) + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
}

/// A server and a session that end with the test.
class ClientTest : public ::testing::Test, public aio::testing::LoopTest {
protected:
    using Body = std::function<Coro<>(http::ClientSession&, RawServer&)>;

    /// From now on with() makes connections in memory: for tests whose times are exact, and for those that
    /// ask for other hosts than they have.
    void in_memory(const http::ConnectorOptions& options = http::ConnectorOptions(),
                   const testing::MemoryPipeOptions& way = testing::MemoryPipeOptions()) {
        memory_ = Memory(options, way);
    }
    void over_sockets() { memory_.reset(); }
    void with(RawServer::Serve serve, Body body) {
        with(http::SessionOptions(), std::move(serve), std::move(body));
    }
    void with(http::SessionOptions options, RawServer::Serve serve, Body body) {
        run(&ClientTest::run_with, std::move(options), memory_, std::move(serve), std::move(body));
    }

    /// How many connections the session's own connector has in use, and keeps.
    static std::size_t lent(const http::ClientSession& session) {
        const MemoryConnector* const memory = memory_connector(session);
        return memory ? memory->lent() : connector(session).lent();
    }
    static std::size_t idle(const http::ClientSession& session) {
        const MemoryConnector* const memory = memory_connector(session);
        return memory ? memory->idle() : connector(session).idle();
    }
    /// Null if the session's connections are not in memory.
    static const MemoryConnector* memory_connector(const http::ClientSession& session) {
        return dynamic_cast<const MemoryConnector*>(session.connector().get());
    }
    /// Lets the loop run until the condition holds: for what the kernel brings, sooner or later.
    template <class Condition>
    static Coro<> until(Condition condition) {
        while (!condition()) co_await sleep(0s);
    }

private:
    static const http::TCPConnector& connector(const http::ClientSession& session) {
        return dynamic_cast<const http::TCPConnector&>(*session.connector());
    }
    using Memory = std::pair<http::ConnectorOptions, testing::MemoryPipeOptions>;

    static Coro<> run_with(http::SessionOptions options, std::optional<Memory> memory, RawServer::Serve serve,
                           Body body) {
        std::unique_ptr<RawServer> server;
        if (memory) {
            server = RawServer::in_memory(std::move(serve));
            options.connector(server->connector(memory->first, memory->second));
        } else {
            server = co_await RawServer::start(std::move(serve));
        }
        http::ClientSession session(std::move(options));
        std::exception_ptr error;
        try {
            co_await body(session, *server);
        } catch (...) {
            error = std::current_exception();
        }
        co_await session.close();
        co_await server->close();
        if (error) std::rethrow_exception(error);
    }

    std::optional<Memory> memory_;
};

/// What an awaitable throws; fails if it throws nothing, or something else.
template <class E, class A>
Coro<std::string> expect_thrown(A awaitable) {
    try {
        co_await std::move(awaitable);
    } catch (const E& error) {
        co_return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    co_return "";
}

}  // namespace aio::tests
