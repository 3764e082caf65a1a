// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/fields/parameters.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace aio::http {

/// A media type with its parameters: "text/html; charset=utf-8". Mirrors aiohttp.helpers.MimeType. Thread
/// rule: as of std::string.
class ContentType {
public:
    /// ValueError if one of them is no token.
    ContentType(std::string_view type, std::string_view subtype);

    /// In small letters, as subtype() and essence(): "text".
    std::string_view type() const noexcept AIO_LIFETIME_BOUND {
        return std::string_view(essence_).substr(0, slash_);
    }
    /// "html".
    std::string_view subtype() const noexcept AIO_LIFETIME_BOUND {
        return std::string_view(essence_).substr(slash_ + 1);
    }
    /// What the subtype says of its form: "json" of "application/problem+json"; else empty.
    std::string_view suffix() const noexcept AIO_LIFETIME_BOUND;
    /// "text/html". Mirrors aiohttp's content_type.
    const std::string& essence() const noexcept AIO_LIFETIME_BOUND { return essence_; }
    const Parameters& parameters() const noexcept AIO_LIFETIME_BOUND { return parameters_; }
    Parameters& parameters() noexcept AIO_LIFETIME_BOUND { return parameters_; }
    /// The parameter charset, in small letters; none if there is none. Mirrors aiohttp's charset.
    std::optional<std::string> charset() const;

    std::string str() const;
    friend bool operator==(const ContentType&, const ContentType&) = default;

    /// None if there are not two tokens with a slash between them; parameters that are none are left out.
    /// aiohttp takes "application/octet-stream" then. Mirrors aiohttp's parse_mimetype(). Threads: any.
    static std::optional<ContentType> parse(std::string_view text);

private:
    std::string essence_;
    std::size_t slash_;
    Parameters parameters_;
};

}  // namespace aio::http
