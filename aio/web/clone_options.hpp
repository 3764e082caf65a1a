// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/url/url.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::web {

class Request;

/// Keyword arguments of Request::clone(): what the clone has in the place of what the request has.
class CloneOptions {
public:
    CloneOptions() {}
    /// Any token. Throws ValueError for what is none.
    CloneOptions& method(std::string_view name) &;
    CloneOptions&& method(std::string_view name) && AIO_LIFETIME_BOUND {
        return std::move(this->method(name));
    }
    /// Path and query, or the whole URL.
    CloneOptions& rel_url(http::URL url) & {
        rel_url_ = std::move(url);
        return *this;
    }
    CloneOptions&& rel_url(http::URL url) && AIO_LIFETIME_BOUND {
        return std::move(this->rel_url(std::move(url)));
    }
    /// All fields; host() is that of them.
    CloneOptions& headers(http::Headers fields) & {
        headers_ = std::move(fields);
        return *this;
    }
    CloneOptions&& headers(http::Headers fields) && AIO_LIFETIME_BOUND {
        return std::move(this->headers(std::move(fields)));
    }
    /// "https" also makes it secure(): for servers behind a proxy that they trust.
    CloneOptions& scheme(std::string_view text) & {
        scheme_.emplace(text);
        return *this;
    }
    CloneOptions&& scheme(std::string_view text) && AIO_LIFETIME_BOUND {
        return std::move(this->scheme(text));
    }
    CloneOptions& host(std::string_view text) & {
        host_.emplace(text);
        return *this;
    }
    CloneOptions&& host(std::string_view text) && AIO_LIFETIME_BOUND { return std::move(this->host(text)); }
    CloneOptions& remote(std::string_view text) & {
        remote_.emplace(text);
        return *this;
    }
    CloneOptions&& remote(std::string_view text) && AIO_LIFETIME_BOUND {
        return std::move(this->remote(text));
    }
    /// How large a body read() takes, in bytes.
    CloneOptions& client_max_size(std::uint64_t bytes) & {
        client_max_size_ = bytes;
        return *this;
    }
    CloneOptions&& client_max_size(std::uint64_t bytes) && AIO_LIFETIME_BOUND {
        return std::move(this->client_max_size(bytes));
    }

private:
    friend class Request;
    std::optional<std::string> method_;
    std::optional<http::URL> rel_url_;
    std::optional<http::Headers> headers_;
    std::optional<std::string> scheme_;
    std::optional<std::string> host_;
    std::optional<std::string> remote_;
    std::optional<std::uint64_t> client_max_size_;
};

}  // namespace aio::web
