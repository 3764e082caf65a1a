// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/web/connection/request_handler_impl.hpp>
#include <aio/web/server.hpp>

namespace aio::web {
namespace {

TimeLimit checked(const char* name, TimeLimit limit) {
    if (limit.delay() && *limit.delay() < Duration::zero()) {
        throw ValueError(std::string(name) + " must not be negative");
    }
    return limit;
}

}  // namespace

ServerOptions& ServerOptions::keepalive_timeout(TimeLimit limit) & {
    keepalive_timeout_ = checked("keepalive_timeout", limit);
    return *this;
}
ServerOptions& ServerOptions::head_timeout(TimeLimit limit) & {
    head_timeout_ = checked("head_timeout", limit);
    return *this;
}
ServerOptions& ServerOptions::body_timeout(TimeLimit limit) & {
    body_timeout_ = checked("body_timeout", limit);
    return *this;
}
ServerOptions& ServerOptions::lingering_time(TimeLimit limit) & {
    lingering_time_ = checked("lingering_time", limit);
    return *this;
}
ServerOptions& ServerOptions::send_timeout(TimeLimit limit) & {
    send_timeout_ = checked("send_timeout", limit);
    return *this;
}
ServerOptions& ServerOptions::read_bufsize(std::size_t bytes) & {
    if (bytes == 0) throw ValueError("read_bufsize must not be 0");
    read_bufsize_ = bytes;
    return *this;
}

Server::Server(Handler handler, ServerOptions options) {
    if (!handler) throw ValueError("a server needs a handler");
    if (options.get_read_bufsize() < options.get_parser().max_head_size()) {
        throw ValueError("read_bufsize is less than max_head_size: such a head could not be read");
    }
    state_ =
        std::make_shared<detail::ServerState>(get_running_loop(), std::move(handler), std::move(options));
}

std::shared_ptr<BaseProtocol> Server::operator()() const {
    return std::make_shared<detail::RequestHandler>(state_);
}

std::size_t Server::connections() const noexcept { return state_->connections.size(); }
std::uint64_t Server::requests_count() const noexcept { return state_->requests; }
Coro<> Server::shutdown(TimeLimit timeout) const { return state_->shutdown(timeout); }

}  // namespace aio::web
