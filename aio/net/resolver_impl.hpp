// SPDX-License-Identifier: MIT
#pragma once

#include <aio/net/resolver.hpp>
#include <aio/task/coro.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::detail {

/// resolve_numeric(), giving nothing for a name.
std::optional<std::vector<SocketAddress>> try_resolve_numeric(std::string_view host, std::uint16_t port,
                                                              int family, ResolveFor purpose);

/// aio::getaddrinfo() that asks `resolver`, the running loop's if it is null.
Coro<std::vector<AddrInfo>> ask_resolver(std::shared_ptr<Resolver> resolver, std::string host, int port,
                                         AddrInfoOptions options);

std::vector<SocketAddress> addresses_of(std::vector<AddrInfo> found);
/// What a look-up fails with that has found none.
[[noreturn]] void raise_no_address(std::string_view host);

/// The addresses of a host, at least one: what needs no resolver at once, all else from `resolver`, the
/// running loop's if it is null. AI_PASSIVE is added for listening.
/// Throws ValueError for a bad port, gaierror, OSError if the resolver finds none.
/// Cancellation: as the resolver's.
Coro<std::vector<SocketAddress>> resolve_host(std::string host, int port, AddrInfoOptions options,
                                              ResolveFor purpose, std::shared_ptr<Resolver> resolver);

/// A resolver that calls getaddrinfo() in threads of its own.
std::shared_ptr<Resolver> make_thread_resolver();

/// The kinds of sockets that the system knows a service for, with its port. In a thread.
Coro<std::vector<AddrInfo>> look_up_service(std::string service, AddrInfoOptions options);
/// getnameinfo(3), in a thread unless all is numeric.
Coro<NameInfo> look_up_name(SocketAddress address, int flags);

}  // namespace aio::detail
