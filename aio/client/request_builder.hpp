// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/chrono.hpp>
#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/detail/shared_function.hpp>
#include <aio/base/memory.hpp>
#include <aio/client/client_middleware.hpp>
#include <aio/client/client_response.hpp>
#include <aio/client/client_timeout.hpp>
#include <aio/client/connect/fingerprint.hpp>
#include <aio/http/body/payload.hpp>
#include <aio/http/compression.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/json/codec.hpp>
#include <aio/http/multi_dict.hpp>
#include <aio/http/url/url.hpp>
#include <aio/task/coro.hpp>
#include <aio/transport/transport_upgrade.hpp>

#include <any>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::http {

namespace detail {
struct ClientCall;
struct SessionState;
}  // namespace detail

/// A request that is being put together, and is sent when it is awaited: the head of its response comes out
/// of `co_await`, the body streams. What session.get() and its like give; mirrors their keyword arguments in
/// aiohttp.
///
///     auto response = co_await session.post(url).param("q", "x").header("A", "b").data("text").timeout(5s);
///     co_await async_with(session.get(url), [](ClientResponse& response) -> Coro<> { ... });
///
/// Awaiting throws InvalidURL and its kinds before anything is sent; kinds of ClientConnectionError where
/// no connection can be made or it breaks; TimeoutError and its kinds at the limits; ClientResponseError for
/// an answer that is none, TooManyRedirects, and what raise_for_status() asks for; what a body's generator
/// throws. Cancellation: immediate, but for the clean-up of such a generator; closes the connection.
///
/// Owns all it was given. Can be awaited once, also as a task: create_task(session.get(url)). Threads: the
/// loop's.
class RequestBuilder {
public:
    /// For the library.
    RequestBuilder(std::shared_ptr<detail::SessionState> session, std::string_view method, URL url);
    RequestBuilder(RequestBuilder&&) noexcept;
    RequestBuilder& operator=(RequestBuilder&&) noexcept;
    ~RequestBuilder();

    /// One more parameter of the query, behind those of the URL.
    RequestBuilder& param(std::string_view name, QueryVar value) &;
    RequestBuilder&& param(std::string_view name, QueryVar value) && AIO_LIFETIME_BOUND {
        return std::move(this->param(name, std::move(value)));
    }
    /// The same with several; with a text whose delimiters count, "a=1&b=2".
    RequestBuilder& params(const MultiDict& items) &;
    RequestBuilder&& params(const MultiDict& items) && AIO_LIFETIME_BOUND {
        return std::move(this->params(items));
    }
    RequestBuilder& params(std::string_view query) &;
    RequestBuilder&& params(std::string_view query) && AIO_LIFETIME_BOUND {
        return std::move(this->params(query));
    }
    /// A field, in place of the session's of that name. Throws ValueError for what is none.
    RequestBuilder& header(const HeaderName& name, std::string_view value) &;
    RequestBuilder&& header(const HeaderName& name, std::string_view value) && AIO_LIFETIME_BOUND {
        return std::move(this->header(name, value));
    }
    /// All of them, in place of the session's of the same names.
    RequestBuilder& headers(const Headers& fields) &;
    RequestBuilder&& headers(const Headers& fields) && AIO_LIFETIME_BOUND {
        return std::move(this->headers(fields));
    }
    /// A field that is not made automatically.
    RequestBuilder& skip_auto_header(std::string_view name) &;
    RequestBuilder&& skip_auto_header(std::string_view name) && AIO_LIFETIME_BOUND {
        return std::move(this->skip_auto_header(name));
    }
    /// A cookie of this request, beside those of the session and its jar. It does not follow a redirect to
    /// another origin.
    RequestBuilder& cookie(std::string_view name, std::string_view value) &;
    RequestBuilder&& cookie(std::string_view name, std::string_view value) && AIO_LIFETIME_BOUND {
        return std::move(this->cookie(name, value));
    }
    /// Authorization, for this request and for redirects within its origin.
    RequestBuilder& basic_auth(std::string_view login, std::string_view password) &;
    RequestBuilder&& basic_auth(std::string_view login, std::string_view password) && AIO_LIFETIME_BOUND {
        return std::move(this->basic_auth(login, password));
    }
    /// The body: bytes, a text, a form, a file, a stream, whatever a generator yields.
    /// Lifetime: a generator has ended with all its clean-up when the response's body was read to its end,
    /// async_with() has left, or the request has failed. Of a response that is dropped before that it ends an
    /// iteration later: what it refers to must live on.
    RequestBuilder& data(Payload body) &;
    RequestBuilder&& data(Payload body) && AIO_LIFETIME_BOUND {
        return std::move(this->data(std::move(body)));
    }
    /// A body that is JSON already.
    RequestBuilder& json_text(std::string text) &;
    RequestBuilder&& json_text(std::string text) && AIO_LIFETIME_BOUND {
        return std::move(this->json_text(std::move(text)));
    }
    /// The fields of a form.
    RequestBuilder& form(const MultiDict& fields) &;
    RequestBuilder&& form(const MultiDict& fields) && AIO_LIFETIME_BOUND {
        return std::move(this->form(fields));
    }
    /// Compresses the body on its way, which is then sent in chunks. Throws ValueError if Content-Encoding is
    /// set.
    RequestBuilder& compress(ContentCoding coding = ContentCoding::deflate) &;
    RequestBuilder&& compress(ContentCoding coding = ContentCoding::deflate) && AIO_LIFETIME_BOUND {
        return std::move(this->compress(coding));
    }
    /// Sends the body in chunks although its length is known.
    RequestBuilder& chunked(bool on = true) &;
    RequestBuilder&& chunked(bool on = true) && AIO_LIFETIME_BOUND { return std::move(this->chunked(on)); }
    /// Lets the server say "100 Continue" before the body is sent, or refuse it; it is sent all the same if
    /// nothing comes within `limit`.
    RequestBuilder& expect100(Duration limit = std::chrono::seconds(1)) &;
    RequestBuilder&& expect100(Duration limit = std::chrono::seconds(1)) && AIO_LIFETIME_BOUND {
        return std::move(this->expect100(limit));
    }
    /// Limits of this request, in place of all of the session's.
    RequestBuilder& timeout(ClientTimeout limits) &;
    RequestBuilder&& timeout(ClientTimeout limits) && AIO_LIFETIME_BOUND {
        return std::move(this->timeout(limits));
    }
    /// Whether redirects are followed; they are, but for HEAD. How many at most: 10.
    RequestBuilder& allow_redirects(bool on = true) &;
    RequestBuilder&& allow_redirects(bool on = true) && AIO_LIFETIME_BOUND {
        return std::move(this->allow_redirects(on));
    }
    RequestBuilder& max_redirects(int most) &;
    RequestBuilder&& max_redirects(int most) && AIO_LIFETIME_BOUND {
        return std::move(this->max_redirects(most));
    }
    /// Throw ClientResponseError for a status of 400 or more. A template so that a function is no flag.
    template <std::same_as<bool> Flag = bool>
    RequestBuilder& raise_for_status(Flag on = true) & {
        return raise_if_asked(on);
    }
    template <std::same_as<bool> Flag = bool>
    RequestBuilder&& raise_for_status(Flag on = true) && AIO_LIFETIME_BOUND {
        return std::move(raise_if_asked(on));
    }
    /// Whether the body is decoded as Content-Encoding says, and how large it may become.
    RequestBuilder& auto_decompress(bool on = true) &;
    RequestBuilder&& auto_decompress(bool on = true) && AIO_LIFETIME_BOUND {
        return std::move(this->auto_decompress(on));
    }
    RequestBuilder& decompress_limits(const DecompressorOptions& limits) &;
    RequestBuilder&& decompress_limits(const DecompressorOptions& limits) && AIO_LIFETIME_BOUND {
        return std::move(this->decompress_limits(limits));
    }
    /// Whether a body without a length is read to the end of the connection, or is none; true.
    RequestBuilder& read_until_eof(bool on = true) &;
    RequestBuilder&& read_until_eof(bool on = true) && AIO_LIFETIME_BOUND {
        return std::move(this->read_until_eof(on));
    }
    /// How long a line may be for readline(), in bytes.
    RequestBuilder& read_bufsize(std::size_t limit) &;
    RequestBuilder&& read_bufsize(std::size_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->read_bufsize(limit));
    }
    /// Limits of the response's head, in place of the session's.
    RequestBuilder& max_line_size(std::size_t limit) &;
    RequestBuilder&& max_line_size(std::size_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_line_size(limit));
    }
    RequestBuilder& max_field_size(std::size_t limit) &;
    RequestBuilder&& max_field_size(std::size_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_field_size(limit));
    }
    RequestBuilder& max_headers(std::size_t limit) &;
    RequestBuilder&& max_headers(std::size_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_headers(limit));
    }
    /// A proxy, with its user and password; https and WebSockets go through it by CONNECT.
    RequestBuilder& proxy(URL url) &;
    RequestBuilder&& proxy(URL url) && AIO_LIFETIME_BOUND { return std::move(this->proxy(std::move(url))); }
    /// What the proxy is told, and nobody else.
    RequestBuilder& proxy_headers(Headers fields) &;
    RequestBuilder&& proxy_headers(Headers fields) && AIO_LIFETIME_BOUND {
        return std::move(this->proxy_headers(std::move(fields)));
    }
    /// The TLS of https, in place of the session's.
    RequestBuilder& ssl(std::shared_ptr<TransportUpgrade> context) &;
    RequestBuilder&& ssl(std::shared_ptr<TransportUpgrade> context) && AIO_LIFETIME_BOUND {
        return std::move(this->ssl(std::move(context)));
    }
    /// The one certificate that the server may show.
    RequestBuilder& ssl(Fingerprint fingerprint) &;
    RequestBuilder&& ssl(Fingerprint fingerprint) && AIO_LIFETIME_BOUND {
        return std::move(this->ssl(std::move(fingerprint)));
    }
    /// The name that the certificate must have, in place of the URL's host.
    RequestBuilder& server_hostname(std::string name) &;
    RequestBuilder&& server_hostname(std::string name) && AIO_LIFETIME_BOUND {
        return std::move(this->server_hostname(std::move(name)));
    }
    /// What the hooks of the session's TraceConfigs are told of this request.
    RequestBuilder& trace_request_ctx(std::any object) &;
    RequestBuilder&& trace_request_ctx(std::any object) && AIO_LIFETIME_BOUND {
        return std::move(this->trace_request_ctx(std::move(object)));
    }
    /// Middlewares in place of the session's; the first call of it removes those.
    RequestBuilder& middleware(ClientMiddleware middleware) &;
    RequestBuilder&& middleware(ClientMiddleware middleware) && AIO_LIFETIME_BOUND {
        return std::move(this->middleware(std::move(middleware)));
    }
    /// HTTP/1.1, or 1.0.
    RequestBuilder& version(HttpVersion version) &;
    RequestBuilder&& version(HttpVersion version) && AIO_LIFETIME_BOUND {
        return std::move(this->version(version));
    }
    /// A body of JSON; needs <aio/http/json.hpp>.
    template <class T>
    RequestBuilder& json(const T& value) & {
        return json_text(aio::json::Codec<T>::dumps(value));
    }
    template <class T>
    RequestBuilder&& json(const T& value) && AIO_LIFETIME_BOUND {
        return std::move(this->json(value));
    }
    /// fn(response) -> Coro<> looks at the response, and throws if it should not be one.
    using StatusCheck = aio::detail::SharedFunction<Coro<>(ClientResponse&)>;
    RequestBuilder& raise_for_status(StatusCheck check) &;
    RequestBuilder&& raise_for_status(StatusCheck check) && AIO_LIFETIME_BOUND {
        return std::move(this->raise_for_status(std::move(check)));
    }

    /// Sends the request: what awaiting does, as a coroutine that can be kept.
    Coro<ClientResponse> send() &&;
    auto operator co_await() && { return std::move(*this).send().operator co_await(); }
    auto operator co_await() & { return std::move(*this).send().operator co_await(); }

    /// For async_with(): the response is released at the end.
    Coro<ClientResponse&> aenter();
    Coro<> aexit();

private:
    RequestBuilder& raise_if_asked(bool on);
    detail::ClientCall& call() const;

    std::unique_ptr<detail::ClientCall> call_;
    std::optional<ClientResponse> response_;
};

}  // namespace aio::http
