// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/detail/shared_function.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/sync/event.hpp>
#include <aio/web/connection/deadlines_impl.hpp>
#include <aio/web/handler.hpp>
#include <aio/web/request.hpp>
#include <aio/web/response.hpp>
#include <aio/web/server_options.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aio::web::detail {

class Http1Exchange;
class RequestHandler;

/// The link of a connection among those of its server.
struct ConnectionLink : aio::detail::ListLink {
    explicit ConnectionLink(RequestHandler& handler) noexcept : connection(handler) {}
    RequestHandler& connection;
};

/// What the connections of a server share.
class ServerState {
public:
    ServerState(EventLoop& loop, Handler handler, ServerOptions options);
    ~ServerState();
    ServerState(const ServerState&) = delete;
    ServerState& operator=(const ServerState&) = delete;

    /// Closes idle connections, and each other one after the answer that it is at.
    void begin_shutdown() noexcept;
    /// See Server::shutdown().
    Coro<> shutdown(TimeLimit timeout);
    void connection_gone() noexcept;

    /// An exchange that nobody uses, and back again.
    std::unique_ptr<Http1Exchange> take_exchange();
    void give_exchange(std::unique_ptr<Http1Exchange> exchange) noexcept;

    /// How every head ends: Date, Server, and the empty line.
    std::string_view common_fields();

    EventLoop& loop;
    const Handler handler;
    const ServerOptions options;
    /// Called before the head of an answer is sent; may be empty.
    aio::detail::SharedFunction<Coro<>(Request&, Response)> on_prepare;
    /// Null for nobody.
    const std::shared_ptr<AbstractAccessLogger> access_log;

    DeadlineQueue idle;
    DeadlineQueue heads;
    DeadlineQueue bodies;
    DeadlineQueue lingering;
    aio::detail::List<ConnectionLink> connections;
    std::uint64_t requests = 0;
    bool closing = false;

private:
    std::vector<std::unique_ptr<Http1Exchange>> spare_;
    std::string common_fields_;
    std::int64_t common_second_ = -1;
    Event gone_;
};

}  // namespace aio::web::detail
