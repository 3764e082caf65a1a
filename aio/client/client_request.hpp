// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/time.hpp>
#include <aio/http/body/payload.hpp>
#include <aio/http/compression.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/message.hpp>
#include <aio/http/url/url.hpp>
#include <aio/transport/transport_upgrade.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::http {

/// A request before it is sent, as client middlewares see it and may change it. What frames the body
/// (Content-Length, Transfer-Encoding) follows from the body when it is sent; the other automatic fields are
/// there already. Mirrors aiohttp.ClientRequest.
///
/// Threads: the loop's.
class ClientRequest {
public:
    /// Throws ValueError if the method is no token. In capitals from now on, as in aiohttp.
    ClientRequest(std::string_view method, URL url);

    const std::string& method() const noexcept AIO_LIFETIME_BOUND { return method_; }
    void method(std::string_view method);
    const URL& url() const noexcept AIO_LIFETIME_BOUND { return url_; }
    /// Another one. Where to connect follows it, Host does not.
    void url(URL url) { url_ = std::move(url); }
    Headers& headers() noexcept AIO_LIFETIME_BOUND { return headers_; }
    const Headers& headers() const noexcept AIO_LIFETIME_BOUND { return headers_; }

    /// The empty one if there is none.
    const Payload& body() const noexcept AIO_LIFETIME_BOUND;
    /// Another body. What the old one has told of itself (Content-Type) is the caller's to change.
    void update_body(Payload body);

    HttpVersion version() const noexcept { return version_; }
    void version(HttpVersion version) noexcept { version_ = version; }
    /// How the body is compressed on its way; identity for not at all.
    ContentCoding compress() const noexcept { return compress_; }
    void compress(ContentCoding coding) noexcept { compress_ = coding; }
    /// Whether the body is sent in chunks although its length is known.
    bool chunked() const noexcept { return chunked_; }
    void chunked(bool on) noexcept { chunked_ = on; }
    /// How long to wait for "100 Continue" before the body is sent all the same; none for not at all.
    const std::optional<Duration>& expect100() const noexcept { return expect100_; }
    void expect100(std::optional<Duration> limit) noexcept { expect100_ = limit; }

    /// Null: the connector's own.
    const std::shared_ptr<TransportUpgrade>& ssl() const noexcept AIO_LIFETIME_BOUND { return ssl_; }
    void ssl(std::shared_ptr<TransportUpgrade> context) noexcept { ssl_ = std::move(context); }
    /// The name to verify; empty for the URL's host.
    const std::string& server_hostname() const noexcept AIO_LIFETIME_BOUND { return server_hostname_; }
    void server_hostname(std::string name) noexcept { server_hostname_ = std::move(name); }
    const std::optional<URL>& proxy() const noexcept AIO_LIFETIME_BOUND { return proxy_; }
    void proxy(std::optional<URL> url) { proxy_ = std::move(url); }
    /// What the proxy is told, and nobody else.
    Headers& proxy_headers() noexcept AIO_LIFETIME_BOUND { return proxy_headers_; }
    const Headers& proxy_headers() const noexcept AIO_LIFETIME_BOUND { return proxy_headers_; }

    /// For the library: the body, which whatever still sends it may keep; null for none.
    const std::shared_ptr<const Payload>& shared_body() const noexcept AIO_LIFETIME_BOUND { return body_; }

private:
    std::string method_;
    URL url_;
    Headers headers_;
    std::shared_ptr<const Payload> body_;
    std::shared_ptr<TransportUpgrade> ssl_;
    std::string server_hostname_;
    std::optional<URL> proxy_;
    Headers proxy_headers_;
    std::optional<Duration> expect100_;
    HttpVersion version_ = kHttpVersion11;
    ContentCoding compress_ = ContentCoding::identity;
    bool chunked_ = false;
};

}  // namespace aio::http
