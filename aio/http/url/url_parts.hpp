// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/multi_dict.hpp>
#include <aio/http/url/url.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::http {

/// What a URL is built of: `URL::build(URLParts().scheme("https").host("example.org").path("/a b"))`. Each
/// part is decoded, a "%" in it an ordinary character. Mirrors the arguments of yarl.URL.build().
class URLParts {
public:
    URLParts() {}

    URLParts& scheme(std::string_view text) & AIO_LIFETIME_BOUND { return set(scheme_, text); }
    URLParts&& scheme(std::string_view text) && AIO_LIFETIME_BOUND { return std::move(scheme(text)); }
    URLParts& user(std::string_view text) & AIO_LIFETIME_BOUND { return set(user_, text); }
    URLParts&& user(std::string_view text) && AIO_LIFETIME_BOUND { return std::move(user(text)); }
    URLParts& password(std::string_view text) & AIO_LIFETIME_BOUND {
        password_.emplace(text);
        return *this;
    }
    URLParts&& password(std::string_view text) && AIO_LIFETIME_BOUND { return std::move(password(text)); }
    URLParts& host(std::string_view text) & AIO_LIFETIME_BOUND { return set(host_, text); }
    URLParts&& host(std::string_view text) && AIO_LIFETIME_BOUND { return std::move(host(text)); }
    URLParts& port(std::uint16_t number) & AIO_LIFETIME_BOUND {
        port_ = number;
        return *this;
    }
    URLParts&& port(std::uint16_t number) && AIO_LIFETIME_BOUND { return std::move(port(number)); }
    URLParts& path(std::string_view text) & AIO_LIFETIME_BOUND { return set(path_, text); }
    URLParts&& path(std::string_view text) && AIO_LIFETIME_BOUND { return std::move(path(text)); }
    /// The parameters, or with query_string() a text whose delimiters count.
    URLParts& query(MultiDict parameters) & AIO_LIFETIME_BOUND {
        query_ = std::move(parameters);
        return *this;
    }
    URLParts&& query(MultiDict parameters) && AIO_LIFETIME_BOUND {
        return std::move(query(std::move(parameters)));
    }
    URLParts& query_string(std::string_view text) & AIO_LIFETIME_BOUND { return set(query_string_, text); }
    URLParts&& query_string(std::string_view text) && AIO_LIFETIME_BOUND {
        return std::move(query_string(text));
    }
    URLParts& fragment(std::string_view text) & AIO_LIFETIME_BOUND { return set(fragment_, text); }
    URLParts&& fragment(std::string_view text) && AIO_LIFETIME_BOUND { return std::move(fragment(text)); }

private:
    friend class URL;

    URLParts& set(std::string& part, std::string_view text) AIO_LIFETIME_BOUND {
        part = text;
        return *this;
    }

    std::string scheme_;
    std::string user_;
    std::optional<std::string> password_;
    std::string host_;
    std::optional<std::uint16_t> port_;
    std::string path_;
    MultiDict query_;
    std::string query_string_;
    std::string fragment_;
};

}  // namespace aio::http
