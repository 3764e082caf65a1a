// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/shared_function.hpp>
#include <aio/base/memory.hpp>
#include <aio/task/coro.hpp>
#include <aio/web/handler.hpp>
#include <aio/web/request.hpp>
#include <aio/web/response.hpp>
#include <aio/web/server_options.hpp>

#include <cstdint>
#include <memory>

namespace aio {
class BaseProtocol;
}

namespace aio::web {

namespace detail {
class ServerState;
}

/// Answers the requests of all its connections by one handler, without routes: below what an Application
/// makes. Each call gives the protocol of one connection, so a server is a factory for create_server():
///
///     web::Server server(hello);
///     auto listening = co_await aio::create_server(server, "127.0.0.1", 8080);
///
/// A cheap handle; to be made where the loop runs. Mirrors aiohttp.web.Server. Threads: the loop's.
class Server {
public:
    explicit Server(Handler handler, ServerOptions options = ServerOptions());

    /// The protocol of one connection.
    std::shared_ptr<BaseProtocol> operator()() const;
    /// How many connections there are.
    std::size_t connections() const noexcept;
    /// How many requests were answered, or are being.
    std::uint64_t requests_count() const noexcept;
    /// Ends all connections: idle ones at once, others after the answer they are at, and what is left after
    /// `timeout` is cancelled. New connections are to be refused before. Completes when all are gone.
    /// Cancellation: immediate; the connections live on.
    Coro<> shutdown(TimeLimit timeout = std::nullopt) const;

    /// For the library.
    detail::ServerState& state() const noexcept { return *state_; }

private:
    std::shared_ptr<detail::ServerState> state_;
};

}  // namespace aio::web
