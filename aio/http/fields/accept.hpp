// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace aio::http {

/// An element of a field Accept, Accept-Encoding, Accept-Language or their like.
struct AcceptItem {
    /// Without its parameter q: "text/html;level=1", "gzip", "*".
    std::string_view value;
    /// How much it is wanted, in thousandths: 1000 where nothing is said, 0 for what is refused.
    int quality = 1000;
    friend bool operator==(const AcceptItem&, const AcceptItem&) = default;
};

/// The elements in their order; what is malformed is left out. The views are of `text`. Threads: any.
std::vector<AcceptItem> parse_accept(std::string_view text AIO_LIFETIME_BOUND);

/// The offer that such a field wants most; of equals the one that comes first among the offers. None if it
/// refuses all. For Accept-Encoding and Accept-Charset, `*` is what is not named, and "identity" is accepted
/// unless it is refused (RFC 9110, 12.5.3). Threads: any.
std::optional<std::string_view> best_coding(std::string_view accept,
                                            std::span<const std::string_view> offers);

/// The same of media types, for Accept: "text/*" and "*/*" stand for many, what is more exact counts more
/// (RFC 9110, 12.5.1). An empty field takes all. Threads: any.
std::optional<std::string_view> best_media_type(std::string_view accept,
                                                std::span<const std::string_view> offers);

/// The same of languages, for Accept-Language: "en" stands for "en-GB" as well (RFC 4647, 3.4). Threads: any.
std::optional<std::string_view> best_language(std::string_view accept,
                                              std::span<const std::string_view> offers);

}  // namespace aio::http
