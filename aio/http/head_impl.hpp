// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/message.hpp>
#include <aio/http/parser_options.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// What request and response heads have in common: llhttp, which splits them and checks their characters, and
/// what the fields that are about the message itself say.
namespace aio::http::detail {

/// Splits a whole head, whose first line has `first_line` bytes, and puts its fields into `fields`, which has
/// room for one per line. Gives the target, or the reason. Throws kinds of BadHttpMessage.
std::string_view split_request(std::string_view head, std::size_t first_line, std::vector<Field>& fields);
/// The first line of a request alone, with its end.
std::string_view split_request_line(std::string_view line);
std::string_view split_response(std::string_view head, std::vector<Field>& fields);

/// What would change the message, its way or who may do something, long after that was decided (RFC
/// 9110, 6.5.1).
bool is_forbidden_trailer(std::string_view name) noexcept;

/// Splits trailers, with the empty line behind them. Fields that have no business there are left out.
void parse_trailers(std::string_view section, std::vector<Field>& fields);

/// The last of what "HTTP/1.1" can be: that, or none if it is another version; throws BadStatusLine if it is
/// no version.
std::optional<HttpVersion> parse_version(std::string_view text);

/// Whether `text` is a host and perhaps a port: a name without escapes and commas, or an address.
bool is_host(std::string_view text, bool needs_port = false) noexcept;

/// What the fields say about the message itself.
struct FieldSummary {
    std::optional<std::string_view> host;
    std::optional<std::string_view> content_length;
    std::string_view repeated;  ///< the name of a field that may come only once and came again
    unsigned codings = 0;       ///< in all Transfer-Encoding fields together
    unsigned chunked = 0;       ///< how many of them are chunked
    bool transfer_encoding = false;
    bool chunked_last = false;
    bool close = false;
    bool keep_alive = false;
    bool connection_upgrade = false;
    bool upgrade = false;
    bool expect = false;
    bool expect_continue = false;

    void take(const Field& field) noexcept;
    bool may_stay(HttpVersion version) const noexcept {
        return !close && (version >= kHttpVersion11 || keep_alive);
    }
    /// The value of Content-Length. Throws ContentLengthError.
    std::optional<std::uint64_t> length() const;
    /// Throws TransferEncodingError if Transfer-Encoding must not be there in this version or beside
    /// Content-Length.
    void check_transfer_encoding(HttpVersion version) const;

private:
    unsigned seen_ = 0;
};
FieldSummary summarize(std::span<const Field> fields) noexcept;

}  // namespace aio::http::detail
