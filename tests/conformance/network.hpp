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
inline int port_of(const Server& server) { return server.sockets()[0].getsockname().port(); }

/// What most scenarios' clients do.
inline Coro<StreamPair> connect_to(Server server) { return open_connection("127.0.0.1", port_of(server)); }

}  // namespace aio::tests
