// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

/// What libpsl knows of domains under which anybody can register one. Hosts are in small letters,
/// international names encoded. Threads: any.
namespace aio::http::detail {

/// Whether the host is an IPv4 or IPv6 address.
bool is_address(std::string_view host) noexcept;
/// Whether several who have nothing to do with each other have names below it: "com", "co.uk", and of what is
/// not listed every name without a dot.
bool is_public_suffix(const std::string& domain);
/// The public suffix with one more name, of a host at or below such: "a.b.co.uk" gives "b.co.uk". For all
/// else, such as addresses, the host itself.
std::string registrable_domain(const std::string& host);

}  // namespace aio::http::detail
