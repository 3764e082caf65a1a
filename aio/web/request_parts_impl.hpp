// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/cookie.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/message.hpp>
#include <aio/http/multi_dict.hpp>
#include <aio/http/url/url.hpp>

#include <optional>
#include <string>
#include <vector>

namespace aio::web::detail {

/// What of a request was parsed already.
struct ParsedRequest {
    std::optional<http::URL> rel_url;
    std::optional<http::MultiDict> query;
    std::optional<http::Headers> headers;
    std::optional<std::vector<http::CookiePair>> cookies;
    std::optional<std::string> body;
};

/// What a clone has of its own. The views of `head` are of this, or of the exchange's head.
struct ClonedRequest {
    http::RequestHead head;
    std::string method;
    std::string target;
    std::string host;
    std::optional<http::Headers> headers;  ///< none: the exchange's
    std::vector<http::Field> fields;       ///< of them
    std::optional<std::string> scheme;
    std::optional<std::string> remote;
};

}  // namespace aio::web::detail
