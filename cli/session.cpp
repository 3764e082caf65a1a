// SPDX-License-Identifier: MIT
#include "session.hpp"

#include <aio/ssl.hpp>

#include <algorithm>

namespace aio::cli {

http::SessionOptions session_options(const Arguments& arguments) {
    http::SessionOptions options;
    options.trust_env(true);  // http_proxy and its like, .netrc
    for (const std::string& text : arguments.all("header")) {
        const auto [name, value] = header_of(text);
        try {
            options.header(name, value);
        } catch (const ValueError& error) {
            throw UsageError("--header: " + std::string(error.what()));
        }
    }
    if (arguments.has("insecure")) {
        const auto context = ssl::create_default_context();
        context->set_check_hostname(false);
        context->set_verify_mode(ssl::CERT_NONE);
        options.ssl(context);
    }
    return options;
}

http::URL url_of(const std::string& text, std::initializer_list<std::string_view> schemes) {
    try {
        http::URL url(text.find("://") == text.npos ? std::string(*schemes.begin()) + "://" + text : text);
        if (std::ranges::find(schemes, url.scheme()) != schemes.end() && !url.host().value_or("").empty())
            return url;
    } catch (const ValueError&) {  // none at all
    }
    throw UsageError("'" + text + "' is no URL such as " + std::string(*schemes.begin()) + "://example.org/");
}

}  // namespace aio::cli
