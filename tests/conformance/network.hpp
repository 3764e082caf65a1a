// SPDX-License-Identifier: MIT
// What the scenarios with connections share.
#pragma once

#include "conformance.hpp"

#include <net/net_support.hpp>

#include <aio/endpoints.hpp>
#include <aio/streams.hpp>

#include <string>
#include <string_view>

namespace aio::tests {

inline std::string b(std::string_view bytes) { return "b'" + std::string(bytes) + "'"; }
inline SocketAddress address_of(const Server& server) { return server.sockets()[0].getsockname(); }
inline int port_of(const Server& server) { return address_of(server).port(); }

/// What most scenarios' clients do.
inline Coro<StreamPair> connect_to(Server server) { return open_connection("127.0.0.1", port_of(server)); }

/// The same where the scenario is about more than the kernel takes: the server is on
/// bound_socket(kSmallBuffer).
inline Coro<StreamPair> connect_small_to(Server server) {
    return open_connection(connected_socket(address_of(server), kSmallBuffer));
}

}  // namespace aio::tests
