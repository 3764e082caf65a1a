// SPDX-License-Identifier: MIT
#pragma once

#include <aio/client/connect/connection_state_impl.hpp>
#include <aio/client/connector.hpp>
#include <aio/task/coro.hpp>

#include <string>

namespace aio::http::detail {

/// What a request has to tell its proxy about itself: Proxy-Authorization, or nothing.
std::string proxy_authorization_of(const ConnectRequest& request);
/// Asks the proxy at the other end for a tunnel to the request's server. Both must live until it has ended.
/// Throws ClientHttpProxyError if the proxy refuses, ServerDisconnectedError if it closes the connection, and
/// what the connection throws.
Coro<> open_tunnel(ConnectionState& connection, const ConnectRequest& request);

}  // namespace aio::http::detail
