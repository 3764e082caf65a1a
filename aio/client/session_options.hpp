// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/memory.hpp>
#include <aio/client/client_middleware.hpp>
#include <aio/client/client_timeout.hpp>
#include <aio/client/connector.hpp>
#include <aio/client/cookies/abstract_cookie_jar.hpp>
#include <aio/client/tracing.hpp>
#include <aio/http/compression.hpp>
#include <aio/http/cookie.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/message.hpp>
#include <aio/http/parser_options.hpp>
#include <aio/http/url/url.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::http {

/// Keyword arguments of ClientSession: what all its requests have in common.
class SessionOptions {
public:
    SessionOptions() {}
    /// Requests for relative URLs are for this one joined with them (RFC 3986): its path should end with "/".
    /// Throws ValueError unless it is absolute, and http or https.
    SessionOptions& base_url(URL url) &;
    SessionOptions&& base_url(URL url) && AIO_LIFETIME_BOUND {
        return std::move(this->base_url(std::move(url)));
    }
    /// Fields of every request; those of one call replace those of the same names.
    SessionOptions& headers(Headers fields) & {
        headers_ = std::move(fields);
        return *this;
    }
    SessionOptions&& headers(Headers fields) && AIO_LIFETIME_BOUND {
        return std::move(this->headers(std::move(fields)));
    }
    /// One of them. Throws ValueError for what is no name or value of a field.
    SessionOptions& header(const HeaderName& name, std::string_view value) & {
        headers_.set(name, value);
        return *this;
    }
    SessionOptions&& header(const HeaderName& name, std::string_view value) && AIO_LIFETIME_BOUND {
        return std::move(this->header(name, value));
    }
    /// Cookies of every request, in place of the jar's of the same names; they do not follow a redirect to
    /// another origin. Throws ValueError for what is none.
    SessionOptions& cookie(std::string_view name, std::string_view value) & {
        cookies_.emplace_back(name, value);
        return *this;
    }
    SessionOptions&& cookie(std::string_view name, std::string_view value) && AIO_LIFETIME_BOUND {
        return std::move(this->cookie(name, value));
    }
    /// A field that is not made automatically: User-Agent, Accept, Accept-Encoding, Content-Type.
    SessionOptions& skip_auto_header(std::string_view name) & {
        skip_auto_headers_.emplace_back(name);
        return *this;
    }
    SessionOptions&& skip_auto_header(std::string_view name) && AIO_LIFETIME_BOUND {
        return std::move(this->skip_auto_header(name));
    }
    /// Where cookies are kept; a CookieJar of its own by default. Sessions may share one.
    SessionOptions& cookie_jar(std::shared_ptr<AbstractCookieJar> jar) & {
        cookie_jar_ = std::move(jar);
        return *this;
    }
    SessionOptions&& cookie_jar(std::shared_ptr<AbstractCookieJar> jar) && AIO_LIFETIME_BOUND {
        return std::move(this->cookie_jar(std::move(jar)));
    }
    /// Who makes the connections; a TCPConnector of its own by default. Closed with the session, unless
    /// connector_owner(false).
    SessionOptions& connector(std::shared_ptr<BaseConnector> connector) & {
        connector_ = std::move(connector);
        return *this;
    }
    SessionOptions&& connector(std::shared_ptr<BaseConnector> connector) && AIO_LIFETIME_BOUND {
        return std::move(this->connector(std::move(connector)));
    }
    SessionOptions& connector_owner(bool on) & {
        connector_owner_ = on;
        return *this;
    }
    SessionOptions&& connector_owner(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->connector_owner(on));
    }
    /// Limits of each request; 300 s in all and 30 s for each connect of a socket.
    SessionOptions& timeout(ClientTimeout limits) & {
        timeout_ = limits;
        return *this;
    }
    SessionOptions&& timeout(ClientTimeout limits) && AIO_LIFETIME_BOUND {
        return std::move(this->timeout(limits));
    }
    /// Throw ClientResponseError for each response with a status of 400 or more; false. A template so that a
    /// function is no flag.
    template <std::same_as<bool> Flag>
    SessionOptions& raise_for_status(Flag on) & {
        raise_for_status_ = on;
        return *this;
    }
    template <std::same_as<bool> Flag>
    SessionOptions&& raise_for_status(Flag on) && AIO_LIFETIME_BOUND {
        return std::move(this->raise_for_status(on));
    }
    /// fn(response) -> Coro<> looks at each response, and throws if it should not be one.
    using StatusCheck = aio::detail::SharedFunction<Coro<>(ClientResponse&)>;
    SessionOptions& raise_for_status(StatusCheck check) & {
        status_check_ = std::move(check);
        return *this;
    }
    SessionOptions&& raise_for_status(StatusCheck check) && AIO_LIFETIME_BOUND {
        return std::move(this->raise_for_status(std::move(check)));
    }
    /// Whether bodies are decoded as Content-Encoding says; true.
    SessionOptions& auto_decompress(bool on) & {
        auto_decompress_ = on;
        return *this;
    }
    SessionOptions&& auto_decompress(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->auto_decompress(on));
    }
    /// How large a body may become by being decoded; no limits.
    SessionOptions& decompress_limits(const DecompressorOptions& limits) & {
        decompress_limits_ = limits;
        return *this;
    }
    SessionOptions&& decompress_limits(const DecompressorOptions& limits) && AIO_LIFETIME_BOUND {
        return std::move(this->decompress_limits(limits));
    }
    /// The TLS of https, in place of the connector's.
    SessionOptions& ssl(std::shared_ptr<TransportUpgrade> context) & {
        ssl_ = std::move(context);
        return *this;
    }
    SessionOptions&& ssl(std::shared_ptr<TransportUpgrade> context) && AIO_LIFETIME_BOUND {
        return std::move(this->ssl(std::move(context)));
    }
    /// Take proxies from the environment and credentials from ~/.netrc; false.
    SessionOptions& trust_env(bool on) & {
        trust_env_ = on;
        return *this;
    }
    SessionOptions&& trust_env(bool on) && AIO_LIFETIME_BOUND { return std::move(this->trust_env(on)); }
    /// A proxy for all requests, with its user and password.
    SessionOptions& proxy(URL url) & {
        proxy_ = std::move(url);
        return *this;
    }
    SessionOptions&& proxy(URL url) && AIO_LIFETIME_BOUND { return std::move(this->proxy(std::move(url))); }
    /// What the proxy is told, and nobody else.
    SessionOptions& proxy_headers(Headers fields) & {
        proxy_headers_ = std::move(fields);
        return *this;
    }
    SessionOptions&& proxy_headers(Headers fields) && AIO_LIFETIME_BOUND {
        return std::move(this->proxy_headers(std::move(fields)));
    }
    /// Credentials of every request, as Authorization; not kept by a redirect to another origin.
    SessionOptions& basic_auth(std::string_view login, std::string_view password) &;
    SessionOptions&& basic_auth(std::string_view login, std::string_view password) && AIO_LIFETIME_BOUND {
        return std::move(this->basic_auth(login, password));
    }
    /// Whether a Location is encoded as other URLs are (true), or taken as it is.
    SessionOptions& requote_redirect_url(bool on) & {
        requote_redirect_url_ = on;
        return *this;
    }
    SessionOptions&& requote_redirect_url(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->requote_redirect_url(on));
    }
    /// Hooks; several sets are called one after the other.
    SessionOptions& trace_config(TraceConfig config) & {
        trace_configs_.push_back(std::move(config));
        return *this;
    }
    SessionOptions&& trace_config(TraceConfig config) && AIO_LIFETIME_BOUND {
        return std::move(this->trace_config(std::move(config)));
    }
    /// What stands around every request, the first outermost.
    SessionOptions& middleware(ClientMiddleware middleware) & {
        middlewares_.push_back(std::move(middleware));
        return *this;
    }
    SessionOptions&& middleware(ClientMiddleware middleware) && AIO_LIFETIME_BOUND {
        return std::move(this->middleware(std::move(middleware)));
    }
    /// How long a line of a body may be for readline(), in bytes; 64 KiB.
    SessionOptions& read_bufsize(std::size_t limit) & {
        read_bufsize_ = limit;
        return *this;
    }
    SessionOptions&& read_bufsize(std::size_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->read_bufsize(limit));
    }
    /// HTTP/1.1, or 1.0.
    SessionOptions& version(HttpVersion version) & {
        version_ = version;
        return *this;
    }
    SessionOptions&& version(HttpVersion version) && AIO_LIFETIME_BOUND {
        return std::move(this->version(version));
    }
    /// Limits of a response's head: its lines and each of its fields, 8190 bytes each, and how many fields,
    /// 128.
    SessionOptions& max_line_size(std::size_t limit) & {
        parser_options_.max_line_size(limit);
        return *this;
    }
    SessionOptions&& max_line_size(std::size_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_line_size(limit));
    }
    SessionOptions& max_field_size(std::size_t limit) & {
        parser_options_.max_field_size(limit);
        return *this;
    }
    SessionOptions&& max_field_size(std::size_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_field_size(limit));
    }
    SessionOptions& max_headers(std::size_t limit) & {
        parser_options_.max_headers(limit);
        return *this;
    }
    SessionOptions&& max_headers(std::size_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_headers(limit));
    }
    /// fn(response, body) gives the encoding of texts of which nothing says it; "utf-8".
    template <class F>
    SessionOptions& fallback_charset_resolver(F&& fn) & {
        fallback_charset_resolver_ = std::forward<F>(fn);
        return *this;
    }
    template <class F>
    SessionOptions&& fallback_charset_resolver(F&& fn) && AIO_LIFETIME_BOUND {
        return std::move(this->fallback_charset_resolver(std::forward<F>(fn)));
    }

    using CharsetResolver =
        aio::detail::SharedFunction<std::string(const ClientResponse&, const std::string& body)>;

    const std::optional<URL>& base_url() const noexcept { return base_url_; }
    const Headers& headers() const noexcept { return headers_; }
    const std::vector<Cookie>& cookies() const noexcept { return cookies_; }
    const std::vector<std::string>& skip_auto_headers() const noexcept { return skip_auto_headers_; }
    const std::shared_ptr<AbstractCookieJar>& cookie_jar() const noexcept { return cookie_jar_; }
    const std::shared_ptr<BaseConnector>& connector() const noexcept { return connector_; }
    bool connector_owner() const noexcept { return connector_owner_; }
    const ClientTimeout& timeout() const noexcept { return timeout_; }
    bool raise_for_status() const noexcept { return raise_for_status_; }
    const StatusCheck& status_check() const noexcept { return status_check_; }
    bool auto_decompress() const noexcept { return auto_decompress_; }
    const DecompressorOptions& decompress_limits() const noexcept { return decompress_limits_; }
    const std::shared_ptr<TransportUpgrade>& ssl() const noexcept { return ssl_; }
    bool trust_env() const noexcept { return trust_env_; }
    const std::optional<URL>& proxy() const noexcept { return proxy_; }
    const Headers& proxy_headers() const noexcept { return proxy_headers_; }
    /// The value of Authorization; empty for none.
    const std::string& authorization() const noexcept { return authorization_; }
    bool requote_redirect_url() const noexcept { return requote_redirect_url_; }
    const std::vector<TraceConfig>& trace_configs() const noexcept { return trace_configs_; }
    const std::vector<ClientMiddleware>& middlewares() const noexcept { return middlewares_; }
    std::size_t read_bufsize() const noexcept { return read_bufsize_; }
    HttpVersion version() const noexcept { return version_; }
    const ParserOptions& parser_options() const noexcept { return parser_options_; }
    const CharsetResolver& fallback_charset_resolver() const noexcept { return fallback_charset_resolver_; }

private:
    std::optional<URL> base_url_;
    Headers headers_;
    std::vector<Cookie> cookies_;
    std::vector<std::string> skip_auto_headers_;
    std::shared_ptr<AbstractCookieJar> cookie_jar_;
    std::shared_ptr<BaseConnector> connector_;
    ClientTimeout timeout_ =
        ClientTimeout().total(std::chrono::seconds(300)).sock_connect(std::chrono::seconds(30));
    DecompressorOptions decompress_limits_;
    std::shared_ptr<TransportUpgrade> ssl_;
    std::optional<URL> proxy_;
    Headers proxy_headers_;
    std::string authorization_;
    std::vector<TraceConfig> trace_configs_;
    std::vector<ClientMiddleware> middlewares_;
    StatusCheck status_check_;
    CharsetResolver fallback_charset_resolver_;
    ParserOptions parser_options_;
    std::size_t read_bufsize_ = StreamReader::kLimit;
    HttpVersion version_ = kHttpVersion11;
    bool connector_owner_ = true;
    bool raise_for_status_ = false;
    bool auto_decompress_ = true;
    bool trust_env_ = false;
    bool requote_redirect_url_ = true;
};

}  // namespace aio::http
