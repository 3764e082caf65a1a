// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/exchange/client_call_impl.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/http/methods.hpp>

#include <array>

namespace aio::http::detail {
namespace {

std::optional<std::string_view> location_of(const ClientResponse& response) {
    const auto location = response.headers().get(hdrs::LOCATION);
    return location ? location : response.headers().get(hdrs::URI);
}

URL parse_location(const ClientCall& call, const URL& from, std::string_view text) {
    URL url;
    try {
        url = call.session->options.requote_redirect_url() ? URL(text) : URL(text, encoded);
    } catch (const ValueError& error) {
        throw InvalidUrlRedirectClientError(
            std::string(text),
            std::string("Server attempted redirecting to a location that does not look like a "
                        "URL: ") +
                error.what());
    }
    const std::string_view scheme = url.scheme();
    if (!scheme.empty() && scheme != "http" && scheme != "https")
        throw NonHttpUrlRedirectClientError(std::string(text));
    if (scheme.empty() || !url.is_absolute()) url = from.join(url);
    if (!url.is_absolute()) throw InvalidUrlRedirectClientError(url.str(), "Invalid redirect URL origin");
    return url;
}

bool same_origin(const URL& from, const URL& to) {
    if (from.scheme() == to.scheme()) return from.raw_host() == to.raw_host() && from.port() == to.port();
    // The same server, by a safer way.
    return from.scheme() == "http" && to.scheme() == "https" && from.raw_host() == to.raw_host() &&
           from.is_default_port() && to.is_default_port();
}

// What was meant for the one server does not reach another (F81).
void drop_secrets(ClientCall& call) {
    call.left_origin = true;
    call.authorization.clear();
    call.cookies.clear();
    for (const HeaderName& name : {hdrs::AUTHORIZATION, hdrs::COOKIE, hdrs::PROXY_AUTHORIZATION, hdrs::HOST})
        call.headers.remove(name);
}

// The server's own, which are newer than any.
void take_credentials_of_location(ClientCall& call, URL& url) {
    if (!url.user() && !url.raw_password()) return;
    call.authorization.clear();
    call.headers.remove(hdrs::AUTHORIZATION);
    try {
        take_credentials(call, url);
    } catch (const ValueError& error) {
        throw InvalidUrlRedirectClientError(url.with_user(std::nullopt).str(), error.what());
    }
}

void become_get(ClientCall& call) {
    call.request.method(hdrs::METH_GET);
    call.request.update_body(Payload());
    call.request.compress(ContentCoding::identity);
    call.request.chunked(false);
    for (const HeaderName& name :
         {hdrs::CONTENT_LENGTH, hdrs::CONTENT_TYPE, hdrs::CONTENT_ENCODING, hdrs::CONTENT_LANGUAGE,
          hdrs::CONTENT_LOCATION, hdrs::TRANSFER_ENCODING, hdrs::EXPECT})
        call.headers.remove(name);
}

void remember(ClientCall& call, const ClientResponse& response) {
    if (!call.first_request) call.first_request = std::make_unique<RequestInfo>(response.request_info());
    call.history.push_back({response.status(), response.reason(), response.real_url(), response.method()});
    if (call.max_redirects > 0 && call.history.size() >= static_cast<std::size_t>(call.max_redirects))
        throw TooManyRedirects(*call.first_request, call.history, response.status(), response.reason(),
                               response.headers());
}

}  // namespace

bool is_redirect(const ClientCall& call, const ClientResponse& response) {
    const int status = response.status();
    const bool tells = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    return tells && call.allow_redirects && location_of(response);
}

void follow_redirect(ClientCall& call, const ClientResponse& response) {
    remember(call, response);
    const int status = response.status();
    const URL from = response.url();
    URL url = parse_location(call, from, *location_of(response));
    const std::string& method = response.method();
    if ((status == 303 && method != hdrs::METH_HEAD) ||
        ((status == 301 || status == 302) && method == hdrs::METH_POST)) {
        become_get(call);
    } else if (!call.request.body().repeatable()) {
        throw ClientPayloadError("the body can be sent once only, and the server wants it again at " +
                                 url.str());
    }
    if (!same_origin(from, url)) drop_secrets(call);
    take_credentials_of_location(call, url);
    if (!url.raw_fragment().empty()) {
        call.fragment = url.raw_fragment();
        url = url.with_fragment("");
    }
    call.request.url(std::move(url));
}

}  // namespace aio::http::detail
