// SPDX-License-Identifier: MIT
#pragma once

#include <aio/transport/socket_address.hpp>

#include <vector>

namespace aio::dns::detail {

/// Brings IPv4 and IPv6 addresses into the order in which they should be tried (RFC 6724): those with a route
/// first, then by how well the address that this machine would send from fits.
void order_addresses(std::vector<SocketAddress>& addresses);

}  // namespace aio::dns::detail
