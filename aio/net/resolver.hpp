// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/transport/socket_address.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace aio {

/// A host name could not be turned into an address. Mirrors socket.gaierror: `code()` holds an EAI_
/// number of getaddrinfo().
class gaierror : public OSError {  // NOLINT(readability-identifier-naming): Python's name
public:
    gaierror(int error, const std::string& operation);
};

/// What resolve() is for.
enum class ResolveFor {
    connecting,  ///< an empty host means this machine's loopback addresses
    listening,   ///< an empty host means all interfaces
};

/// Addresses of `host`, in the order in which they should be tried: numeric addresses and "localhost",
/// which need no name server and therefore do not block.
///
/// `family` limits the result to AF_INET or AF_INET6; AF_UNSPEC takes both. "localhost" is ::1 and
/// 127.0.0.1, without ::1 where the machine has no IPv6. Throws gaierror for every other name, ValueError for
/// one with a zero byte in it.
std::vector<SocketAddress> resolve_numeric(std::string_view host, std::uint16_t port, int family,
                                           ResolveFor purpose);

}  // namespace aio
