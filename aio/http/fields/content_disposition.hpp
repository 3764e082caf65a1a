// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/fields/parameters.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace aio::http {

/// How a body is to be presented, and under which name: `attachment; filename="a.txt"` (RFC 6266). Mirrors
/// aiohttp's parse_content_disposition(), content_disposition_filename() and content_disposition_header().
/// Thread rule: as of std::string.
class ContentDisposition {
public:
    /// "attachment", "inline", "form-data". ValueError if it is no token.
    explicit ContentDisposition(std::string_view type);

    /// In small letters.
    const std::string& type() const noexcept AIO_LIFETIME_BOUND { return type_; }
    const Parameters& parameters() const noexcept AIO_LIFETIME_BOUND { return parameters_; }
    Parameters& parameters() noexcept AIO_LIFETIME_BOUND { return parameters_; }

    /// The name of the file, in UTF-8: of filename* (RFC 8187), else of filename, else put together of
    /// filename*0 and so on (RFC 2231). What stands before the last slash or backslash is left out, and "."
    /// and ".." are none, so that a name from outside names no other folder; aiohttp gives all of it.
    std::optional<std::string> filename() const;
    /// Sets the name: as filename, and if it is not ASCII alone as filename* too, with underscores in the
    /// former. ValueError for control characters.
    void set_filename(std::string_view name);

    std::string str() const;
    friend bool operator==(const ContentDisposition&, const ContentDisposition&) = default;

    /// None if the text begins with no token, or goes on with something other than parameters. Threads: any.
    static std::optional<ContentDisposition> parse(std::string_view text);

private:
    std::string type_;
    Parameters parameters_;
};

}  // namespace aio::http
