// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/url/url.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace aio::http::detail {

/// Longer ones are refused: nobody means them, and positions have 32 bits.
inline constexpr std::size_t kMaxUrlSize = std::size_t{1} << 20;

/// The parts of a URL, each encoded; the host with its brackets.
struct UrlViews {
    std::string_view scheme;
    std::string_view user;
    std::string_view password;
    std::string_view host;
    std::string_view path;
    std::string_view query;
    std::string_view fragment;
    std::int32_t port = -1;
    bool has_authority = false;
    bool has_password = false;

    bool has_host() const noexcept { return !host.empty(); }
    /// The URL that has these parts.
    URL url() const { return URL(*this); }
};

/// How long the scheme at the beginning of `text` is, without its colon; 0 if there is none.
std::size_t scheme_size(std::string_view text) noexcept;

/// The port of a scheme, -1 if it is not known. Whoever has one needs a host, which some programs find in
/// "http:/host" or "http:///host".
std::int32_t default_port(std::string_view scheme) noexcept;

/// Takes `text` apart, without a look at what the parts are made of. `host` is as it was written, and checked
/// by nobody. Throws ValueError for a port that is none.
UrlViews split_url(std::string_view text);

/// Throws ValueError for control characters: with what and where.
void refuse_control_characters(std::string_view text);
/// Throws ValueError for whatever is no printable ASCII, and for bytes of `delimiters`, at which the `part`
/// would end.
void check_encoded(std::string_view text, std::string_view part, std::string_view delimiters);
/// In lower case; throws ValueError for what is none.
std::string checked_scheme(std::string_view scheme);

/// Whether a path has segments "." or "..".
bool has_dots(std::string_view path) noexcept;
/// Without them (RFC 3986, 5.2.4).
std::string without_dots(std::string_view path);

/// "a=1&b=x+y", with the quoting of a URL's query.
std::string encode_query(const MultiDict& query);

}  // namespace aio::http::detail
