// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/fields/parameters.hpp>

#include <string_view>
#include <vector>

namespace aio::http {

/// What each proxy on the way has written into a field Forwarded (RFC 7239), the first one first: parameters
/// by, for, host and proto, all of them unproven, since the client may have written some. An element with
/// something malformed in it is left out whole. Mirrors aiohttp's request.forwarded, which keeps what stands
/// before the mistake. Threads: any.
std::vector<Parameters> parse_forwarded(std::string_view text);

}  // namespace aio::http
