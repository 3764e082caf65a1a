// SPDX-License-Identifier: MIT
#pragma once

#include <streams/streams_support.hpp>

#include <aio/client/connect/tcp_connector.hpp>
#include <aio/client/errors.hpp>
#include <aio/http/error.hpp>

#include <gtest/gtest.h>
#include <netdb.h>

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {

/// Names that a test knows, told after a while.
struct ClientNames final : Resolver {
    Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, std::uint16_t port,
                                            AddrInfoOptions options) override {
        asked.push_back(host);
        try {
            co_await sleep(delay);
        } catch (const CancelledError&) {
            ++withdrawn;
            throw;
        }
        const auto found = known.find(host);
        if (found == known.end()) throw gaierror(EAI_NONAME, host);
        std::vector<AddrInfo> addresses;
        for (const std::string& numeric : found->second) {
            AddrInfo& info = addresses.emplace_back();
            info.family = AF_INET;
            info.type = options.get_type();
            info.address = SocketAddress(numeric, port);
        }
        co_return addresses;
    }
    std::map<std::string, std::vector<std::string>> known;
    std::vector<std::string> asked;
    Duration delay = std::chrono::milliseconds(200);
    int withdrawn = 0;
};

/// A server of HTTP that says to each request over which connection it came and what was asked, "2 /path".
class CountingServer {
public:
    Coro<> start(ServerOptions options = ServerOptions()) {
        options.backlog(300);
        server_ = co_await start_server(
            [this](aio::StreamReader r, StreamWriter w) { return serve(std::move(r), std::move(w)); },
            "127.0.0.1", 0, std::move(options));
    }
    Coro<> stop() {
        server_.close();
        for (const StreamWriter& writer : writers) writer.transport().abort();
        co_await server_.wait_closed();
    }
    int port() const { return port_of(server_); }
    std::string url(const std::string& path = "/", const std::string& scheme = "http",
                    const std::string& host = "127.0.0.1") const {
        return scheme + "://" + host + ':' + std::to_string(port()) + path;
    }

    int connections = 0;  ///< that there were
    int open = 0;         ///< that there are
    int most = 0;         ///< that there were at the same time
    std::vector<StreamWriter> writers;
    std::vector<std::string> heads;
    std::string extra_fields;
    std::string last_end;  ///< what the last connection has ended with

private:
    Coro<> serve(aio::StreamReader reader, StreamWriter writer) {
        const int number = ++connections;
        most = std::max(most, ++open);
        writers.push_back(writer);
        try {
            while (true) {
                const std::string head = co_await reader.readuntil("\r\n\r\n");
                heads.push_back(head);
                const std::size_t begin = head.find(' ') + 1;
                const std::string target = head.substr(begin, head.find(' ', begin) - begin);
                const std::string body = std::to_string(number) + ' ' + target;
                writer.write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
                             extra_fields + "\r\n" + body);
                co_await writer.drain();
            }
        } catch (const EOFError&) {
            last_end = "end";
        } catch (const OSError& error) {
            last_end = error.what();
        }
        --open;
        writer.close();
    }
    Server server_;
};

inline http::ConnectRequest to(const std::string& url) {
    http::ConnectRequest request;
    request.url = url;
    return request;
}

/// Sends a request and gives the body of the answer, after which the connection may be released.
inline Coro<std::string> ask(const http::Connection& connection, std::string target) {
    connection.parser().next("GET");
    connection.writer().write("GET " + target + " HTTP/1.1\r\nHost: here\r\n\r\n");
    std::string body;
    while (true) {
        const auto step = connection.parser().parse(connection.reader().buffered());
        if (step == http::MessageParser::Step::body) body += connection.parser().body();
        connection.reader().consume(connection.parser().consumed());
        if (connection.parser().done()) co_return body;
        if (step != http::MessageParser::Step::need_data) continue;
        const std::size_t wanted = connection.parser().wanted();
        const auto data = co_await connection.reader().fill(wanted);
        if (data.size() < wanted) throw RuntimeError("the server has closed the connection");
    }
}

/// A whole request, with the connection given back.
inline Coro<std::string> fetch(http::BaseConnector& connector, std::string url, std::string target = "/") {
    auto connection = co_await connector.connect(to(url));
    std::string body = co_await ask(connection, std::move(target));
    connection.release();
    co_return body;
}

/// A server that hears its clients and says nothing; `begun` when something has come.
inline Coro<> swallow(aio::StreamReader reader, bool& begun) {
    co_await reader.fill(1);
    begun = true;
    co_await reader.read();
}

/// Lets a limit pass that the task waits for, and shows that it is that long. Virtual time stands still as
/// long as the loop has something to do, as it always has here: so no limit is over before the kernel has
/// done its part, however long that takes.
template <class T>
Coro<> let_limit_pass(aio::testing::VirtualClock& clock, Task<T>& task, Duration limit) {
    clock.advance(limit - std::chrono::milliseconds(1));
    co_await turns(20);
    EXPECT_FALSE(task.done());
    clock.advance(std::chrono::milliseconds(1));
    co_await until([&] { return task.done(); });
}

/// What tests of connectors have in common: a server, and virtual time.
class ConnectorTest : public ::testing::Test, public aio::testing::LoopTest {
protected:
    /// Runs the test between the start and the end of the server and of the connector.
    template <class F>
    void serve(http::ConnectorOptions options, F body) {
        run([this, options = std::move(options), body = std::move(body)]() -> Coro<> {
            co_await server.start();
            http::TCPConnector connector(options);
            co_await body(connector);
            co_await connector.close();
            EXPECT_EQ(connector.lent() + connector.idle(), 0U);
            co_await server.stop();
        });
        EXPECT_EQ(reports(), std::vector<std::string>());
    }
    template <class F>
    void serve(F body) {
        serve(http::ConnectorOptions(), std::move(body));
    }

    CountingServer server;
};

}  // namespace aio::tests
