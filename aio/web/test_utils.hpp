// SPDX-License-Identifier: MIT
#pragma once

#include <aio/client/client_session.hpp>
#include <aio/client/connector.hpp>
#include <aio/client/websocket/client_websocket.hpp>
#include <aio/streams/stream_protocol.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/streams/stream_writer.hpp>
#include <aio/testing/memory_pipe.hpp>
#include <aio/web/application.hpp>
#include <aio/web/runner.hpp>
#include <aio/web/server_options.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

/// Tests of applications. Mirrors aiohttp.test_utils. Link aio::http and aio::testing.
namespace aio::web {

/// An application on a free port of the loopback. A cheap handle.
class TestServer {
public:
    explicit TestServer(Application app, ServerOptions options = ServerOptions())
        : runner_(std::move(app), std::move(options)) {}

    /// Starts the application, and listens.
    Coro<> start_server() const {
        const AppRunner runner = runner_;
        co_await runner.setup();
        co_await TCPSite(runner, "127.0.0.1", 0).start();
    }
    /// Ends it as AppRunner::cleanup() does.
    Coro<> close() const { return runner_.cleanup(); }
    /// 0 before it has started.
    int port() const {
        const std::vector<SocketAddress> addresses = runner_.addresses();
        return addresses.empty() ? 0 : addresses.front().port();
    }
    /// "/path" on this server.
    http::URL make_url(std::string_view path) const {
        return http::URL("http://127.0.0.1:" + std::to_string(port())).join(http::URL(path));
    }
    const AppRunner& runner() const noexcept { return runner_; }

    Coro<TestServer> aenter() const {
        const TestServer self = *this;
        co_await self.start_server();
        co_return self;
    }
    Coro<> aexit() const { return close(); }

protected:
    explicit TestServer(AppRunner runner) : runner_(std::move(runner)) {}

private:
    AppRunner runner_;
};

/// The same of one handler without routes, which sees every request. To be made where the loop runs. Mirrors
/// aiohttp.test_utils.RawTestServer.
class RawTestServer : public TestServer {
public:
    explicit RawTestServer(Handler handler, ServerOptions options = ServerOptions())
        : TestServer(AppRunner(Server(std::move(handler), std::move(options)))) {}
};

namespace detail {

/// Connections in memory to an application, which is started by the first one.
class MemoryConnector final : public http::BaseConnector {
public:
    explicit MemoryConnector(AppRunner runner) : runner_(std::move(runner)) {}

    Coro<http::Connection> connect(http::ConnectRequest) override {
        if (!started_) {
            started_ = true;
            co_await runner_.setup();
        }
        const testing::MemoryPipe pipe;
        StreamReader reader;
        auto protocol = std::make_shared<StreamReaderProtocol>(reader);
        using End = testing::MemoryPipe::End;
        const Ref<Transport> transport = pipe.make_transport(get_running_loop(), End::first, protocol);
        pipe.make_transport(get_running_loop(), End::second, runner_.server()());
        co_return http::Connection(reader, aio::StreamWriter(*transport, protocol, reader));
    }
    Coro<> close() override {
        closed_ = true;
        if (started_) co_await runner_.cleanup();
    }
    bool closed() const noexcept override { return closed_; }

private:
    AppRunner runner_;
    bool started_ = false;
    bool closed_ = false;
};

}  // namespace detail

/// A client of one application, in the same loop: over connections in memory, so that its tests need no
/// sockets and run in virtual time, or over those of a TestServer.
///
///     web::TestClient client(make_app());
///     auto response = co_await client.get("/hello/Ada");
///
/// The application is started by the first request, and ends with close(), which a test of what it clears
/// away awaits. Also a manager for async_with().
class TestClient {
public:
    explicit TestClient(Application app, ServerOptions options = ServerOptions())
        : TestClient(http::URL("http://127.0.0.1/"), std::make_shared<detail::MemoryConnector>(
                                                         AppRunner(std::move(app), std::move(options)))) {}
    /// Of a server that was started.
    explicit TestClient(const TestServer& server) : TestClient(server.make_url("/"), nullptr) {}
    TestClient(TestClient&&) = default;
    TestClient& operator=(TestClient&&) = default;
    ~TestClient() {
        if (!session_.closed()) session_.detach();
    }

    http::RequestBuilder request(std::string_view method, http::RequestURL url) const {
        return session_.request(method, std::move(url));
    }
    http::RequestBuilder get(http::RequestURL url) const { return session_.get(std::move(url)); }
    http::RequestBuilder options(http::RequestURL url) const { return session_.options(std::move(url)); }
    http::RequestBuilder head(http::RequestURL url) const { return session_.head(std::move(url)); }
    http::RequestBuilder post(http::RequestURL url) const { return session_.post(std::move(url)); }
    http::RequestBuilder put(http::RequestURL url) const { return session_.put(std::move(url)); }
    http::RequestBuilder patch(http::RequestURL url) const { return session_.patch(std::move(url)); }
    http::RequestBuilder delete_(http::RequestURL url) const { return session_.delete_(std::move(url)); }
    http::WebSocketBuilder ws_connect(http::RequestURL url) const {
        return session_.ws_connect(std::move(url));
    }
    /// "/path" of the application.
    http::URL make_url(std::string_view path) const { return base_.join(http::URL(path)); }
    const http::ClientSession& session() const noexcept { return session_; }

    /// Ends the session, and the application.
    Coro<> close() { return session_.close(); }
    Coro<TestClient&> aenter() { co_return *this; }
    Coro<> aexit() { return close(); }

private:
    TestClient(http::URL base, std::shared_ptr<http::BaseConnector> connector)
        : base_(std::move(base)),
          session_(http::SessionOptions().base_url(base_).connector(std::move(connector))) {}

    http::URL base_;
    http::ClientSession session_;
};

}  // namespace aio::web
