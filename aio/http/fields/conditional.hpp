// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/headers.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::http {

/// A name for one state of what a URL names. Mirrors aiohttp.ETag. Thread rule: as of std::string.
class ETag {
public:
    /// ValueError if the value has a quotation mark, a space, or a control character.
    explicit ETag(std::string_view value, bool is_weak = false);

    /// Without its quotation marks.
    const std::string& value() const noexcept AIO_LIFETIME_BOUND { return value_; }
    /// A weak one says that two states mean the same, not that they are the same bytes.
    bool is_weak() const noexcept { return is_weak_; }
    /// `W/"value"`.
    std::string str() const;
    friend bool operator==(const ETag&, const ETag&) = default;

    /// None if it is none. Threads: any.
    static std::optional<ETag> parse(std::string_view text);

private:
    std::string value_;
    bool is_weak_;
};

/// Whether both are the same and strong: for pieces of a body, and for changes (RFC 9110, 8.8.3.2).
bool strong_match(const ETag& left, const ETag& right) noexcept;
/// Whether both are the same, strong or weak: for caches.
bool weak_match(const ETag& left, const ETag& right) noexcept;

/// The tags of a field If-Match or If-None-Match, up to the first element that is none; `*` is none. Mirrors
/// aiohttp's request.if_match and if_none_match. Threads: any.
std::vector<ETag> parse_etags(std::string_view text);

/// What a server knows of what it would send.
struct Validators {
    std::optional<ETag> etag;
    std::optional<std::chrono::sys_seconds> last_modified;
    /// Whether there is anything now; for `*`.
    bool exists = true;
};

enum class Precondition : std::uint8_t {
    passed,        ///< Answer as without conditions.
    not_modified,  ///< 304
    failed         ///< 412
};

/// What the conditions of a request come to, If-Match, If-Unmodified-Since, If-None-Match and
/// If-Modified-Since, in the order and with the precedence of RFC 9110, 13.2.2. For requests that would
/// succeed without them. A date that is none is as if the field were not there; in a list of tags what is
/// none matches nothing. Threads: any.
Precondition evaluate_preconditions(std::string_view method, const Headers& request,
                                    const Validators& current);

/// Whether a field Range counts in view of If-Range: there is none, or it names the present state, by a
/// strong tag or by the very date. Threads: any.
bool if_range_allows(const Headers& request, const Validators& current);

}  // namespace aio::http
