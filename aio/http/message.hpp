// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/headers.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// What the head of a message says, whichever version of HTTP carried it. All text is views into the bytes
/// that the connection gave, which own nothing.
namespace aio::http {

/// One header field, without white space around its value. Names come as they were sent.
using Field = Headers::Field;

/// Mirrors aiohttp.HttpVersion.
struct HttpVersion {
    std::uint8_t major = 1;
    std::uint8_t minor = 1;
    auto operator<=>(const HttpVersion&) const = default;
};
inline constexpr HttpVersion kHttpVersion10{1, 0};
inline constexpr HttpVersion kHttpVersion11{1, 1};

/// What requests and responses have in common. Mirrors what aiohttp.http_parser's RawRequestMessage and
/// RawResponseMessage share.
struct MessageHead {
    HttpVersion version;
    /// In the order in which they came, repeated ones included.
    std::span<const Field> fields;
    /// Of the body; none if it is chunked, ends with the connection, or was not told.
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    /// Another message may follow on this connection.
    bool keep_alive = false;
    /// It speaks of another protocol: `Connection: upgrade` with an Upgrade field, or CONNECT.
    bool upgrade = false;

    /// The value of the first field of that name, whatever its case; none if there is none.
    std::optional<std::string_view> get(std::string_view name) const noexcept;
};

struct RequestHead : MessageHead {
    std::string_view method;
    /// As it stands in the request line: "/path?query", "http://host/path", "host:port" or "*".
    std::string_view target;
    /// Host and port that are asked: of the target if that names them, else of the Host field; empty if
    /// neither does.
    std::string_view host;
    /// There is a field Expect, of HTTP/1.1.
    bool expect = false;
    /// It says that the client waits for "100 Continue" before it sends the body.
    bool expect_continue = false;
};

struct ResponseHead : MessageHead {
    int status = 0;
    std::string_view reason;
    /// The body ends where the connection ends.
    bool until_close = false;
};

}  // namespace aio::http
