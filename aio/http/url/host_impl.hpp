// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace aio::http::detail {

/// Whether `host` is a name that stands in a URL as it is, as nearly all do: lower case, nothing to encode,
/// and not to be taken for a number.
bool is_plain_host(std::string_view host) noexcept;

/// A host as it stands in a URL: lower case, international names encoded, addresses in their one form, those
/// of IPv6 in brackets, which `host` may have or not. Throws ValueError for what is no host, or could be
/// taken for another one: with delimiters or encoded bytes in it, or an IPv4 address in another form than
/// four decimal numbers.
std::string encode_host(std::string_view host);

/// A host of a URL without its brackets, for people and for who connects.
std::string decode_host(std::string_view host);

}  // namespace aio::http::detail
