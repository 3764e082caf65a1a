// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/fields/parameters.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace aio::http {

/// Something that a message refers to: `<https://a.test/2>; rel="next"` (RFC 8288).
struct Link {
    /// As it is written, so maybe relative to the message's own URL.
    std::string target;
    Parameters parameters;
    /// What it is to the message, "next"; where nothing is said, the target, as aiohttp has it.
    std::string_view rel() const noexcept AIO_LIFETIME_BOUND {
        return parameters.get("rel").value_or(target);
    }
    friend bool operator==(const Link&, const Link&) = default;
};

/// The links of a field Link, in order; what is malformed is left out. Mirrors aiohttp's
/// ClientResponse.links, which has them by rel. Threads: any.
std::vector<Link> parse_links(std::string_view text);

}  // namespace aio::http
