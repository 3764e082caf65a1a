// SPDX-License-Identifier: MIT
#pragma once

/// Transports over sockets, calls on sockets, and the addresses of hosts.
///
/// Most programs want aio/endpoints.hpp, which makes them: open_connection(), create_connection(),
/// start_server(). A transport over a socket of one's own: aio/net/socket_transport.hpp. Servers with many
/// connections may want keep_freed_memory().
#include <aio/base/heap.hpp>
#include <aio/net/resolver.hpp>
#include <aio/net/sock.hpp>
