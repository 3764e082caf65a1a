// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/memory.hpp>
#include <aio/client/errors.hpp>
#include <aio/http/body/stream_reader.hpp>
#include <aio/http/cookie.hpp>
#include <aio/http/fields/content_disposition.hpp>
#include <aio/http/fields/link.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/json/codec.hpp>
#include <aio/http/message.hpp>
#include <aio/http/url/url.hpp>
#include <aio/task/coro.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::http {

namespace detail {
struct ResponseState;
}  // namespace detail

/// What a server has answered: the head is there, the body streams. Mirrors aiohttp.ClientResponse.
///
///     auto response = co_await session.get(url);
///     response.raise_for_status();
///     std::string text = co_await response.text();
///
/// A body that is read to its end gives its connection back to the pool. A response that goes before that
/// gives it back if the rest has arrived already and is short, and closes it otherwise (S176); so does
/// release(). Reading functions throw ClientPayloadError if the body is broken, ClientOSError if the
/// connection is, SocketTimeoutError and TimeoutError at the limits of ClientTimeout, and close the
/// connection then.
///
/// A handle that can be moved; functions of one that was moved from throw RuntimeError. Threads: the loop's.
class ClientResponse {
public:
    ClientResponse(ClientResponse&&) noexcept;
    ClientResponse& operator=(ClientResponse&&) noexcept;
    ~ClientResponse();

    int status() const;
    /// The text behind the status; may be empty.
    const std::string& reason() const AIO_LIFETIME_BOUND;
    /// Whether the status is below 400.
    bool ok() const { return status() < 400; }
    HttpVersion version() const;
    /// Of the request that has led to this response.
    const std::string& method() const AIO_LIFETIME_BOUND;
    /// What was asked for, after redirects; without its fragment, and with it.
    const URL& url() const AIO_LIFETIME_BOUND;
    const URL& real_url() const AIO_LIFETIME_BOUND;
    std::string host() const;

    const Headers& headers() const AIO_LIFETIME_BOUND;
    /// Names and values as they came, which headers() keeps as well.
    std::vector<Field> raw_headers() const AIO_LIFETIME_BOUND;
    /// Those that this response sets, whether or not the jar takes them.
    std::vector<Cookie> cookies() const;
    /// What Link says, with absolute targets.
    std::vector<Link> links() const;
    /// Without parameters, in small letters; "application/octet-stream" if nothing is said.
    std::string content_type() const;
    /// In small letters; none if nothing is said.
    std::optional<std::string> charset() const;
    /// What Content-Length says, in bytes, before they are decoded; none where only the end of the body
    /// tells.
    std::optional<std::uint64_t> content_length() const;
    std::optional<ContentDisposition> content_disposition() const;
    /// The redirects before this response, the first one first.
    const std::vector<RedirectInfo>& history() const AIO_LIFETIME_BOUND;
    /// What was sent, with the automatic fields.
    RequestInfo request_info() const;

    /// The body as it arrives; decoded, unless auto_decompress(false) was asked for.
    StreamReader& content() const AIO_LIFETIME_BOUND;
    /// The whole body, which is kept: a second call gives it again. Throws LimitOverrunError if it is longer
    /// than `max_size` bytes. Cancellation: immediate; closes the connection.
    /// Lifetime: as of the response.
    Coro<const std::string&> read(std::uint64_t max_size = kNoLimit);
    /// The whole body as UTF-8, decoded from `encoding`, else from get_encoding(). `errors` is "strict",
    /// "replace" or "ignore". Throws LookupError for an encoding that is not known, ValueError for a body
    /// that is not in it. Cancellation: as of read().
    Coro<std::string> text(std::string encoding = {}, std::string errors = "strict");
    /// The body as a `T`: of JSON; needs <aio/http/json.hpp>. Throws ContentTypeError if the body is of
    /// another type, where an empty `content_type` takes any; JSONDecodeError. Cancellation: as of read().
    template <class T>
    Coro<T> json(std::string content_type = "application/json") {
        const std::string text = co_await json_text(std::move(content_type));
        co_return aio::json::Codec<T>::loads(text);
    }
    /// The text that json() reads.
    Coro<std::string> json_text(std::string content_type = "application/json");
    /// How text() decodes: the charset, if there is one; utf-8 for JSON; else what the session's
    /// fallback_charset_resolver says, which is utf-8 as well.
    std::string get_encoding() const;

    /// Throws ClientResponseError, and releases the connection, if the status is 400 or more.
    void raise_for_status();
    /// What is left of the body is not wanted. Idempotent.
    void release() noexcept;
    /// The same, but the connection is closed in any case.
    void close() noexcept;
    /// Whether the connection is gone: back in the pool, or closed.
    bool closed() const noexcept;

    /// How many bytes of the request went to the connection so far, its head included.
    std::uint64_t output_size() const;
    /// Whether that was all of it.
    bool upload_complete() const;

    /// Text for people: method, URL, status and fields.
    std::string repr() const;
    explicit operator bool() const noexcept { return static_cast<bool>(state_); }

    static constexpr std::uint64_t kNoLimit = (std::numeric_limits<std::uint64_t>::max)();

    /// For the library.
    explicit ClientResponse(std::unique_ptr<detail::ResponseState> state) noexcept;
    detail::ResponseState& state(const char* call) const;

private:
    std::unique_ptr<detail::ResponseState> state_;
};

}  // namespace aio::http
