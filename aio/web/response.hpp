// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/base/ref.hpp>
#include <aio/http/body/payload.hpp>
#include <aio/http/compression.hpp>
#include <aio/http/cookie.hpp>
#include <aio/http/fields/conditional.hpp>
#include <aio/http/headers.hpp>
#include <aio/task/coro.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::web {

class Request;

namespace detail {
class ResponseState;
// Counted from outside, so that this header need not know the whole of it.
struct ResponseHold {
    static void add_ref(ResponseState* state) noexcept;
    static void release(ResponseState* state) noexcept;
};
}  // namespace detail

/// What a handler answers: status, fields and body; the handle that every kind of response converts to.
///
///     co_return web::Response().text("hello").header("X-Time", "3");
///
/// A cheap handle: copies refer to the same response. What is set after it was prepared has no effect on what
/// was sent; setters of what goes into the head throw RuntimeError then. Fields that were not set are added
/// when it is sent: Content-Type, Content-Length or Transfer-Encoding, Date, Server, Connection.
///
/// Setters throw ValueError, and change nothing, for texts that could end a field. How the body is framed is
/// the server's to say: Content-Length among the fields is content_length() and counts where nothing else
/// tells the length, Transfer-Encoding is dropped, "Connection: close" is force_close().
/// Threads: the loop's. Mirrors aiohttp.web.Response.
class Response {
public:
    /// 200, without a body.
    Response();
    explicit Response(int status);
    Response(const Response& other) noexcept : state_(other.state_) { detail::ResponseHold::add_ref(state_); }
    Response(Response&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    Response& operator=(Response other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~Response() { detail::ResponseHold::release(state_); }

    /// 200 to 999. Throws ValueError for others.
    Response& status(int status);
    /// With words of one's own in the place of those that HTTP has. Mirrors set_status().
    Response& status(int status, std::string_view reason);
    int status() const noexcept;
    std::string_view reason() const noexcept;

    /// UTF-8, as text/plain unless there is a Content-Type.
    Response& text(std::string text);
    /// Bytes, a form, a file, a stream, whatever a generator yields: see Payload.
    Response& body(http::Payload body);
    const http::Payload& body() const noexcept;

    /// The field has this value alone. Mirrors headers[name] = value.
    Response& header(const http::HeaderName& name, std::string_view value);
    /// One more field of the name.
    Response& add_header(const http::HeaderName& name, std::string_view value);
    /// Those that were set.
    http::Headers& headers() noexcept;
    const http::Headers& headers() const noexcept;
    /// Without charset, "text/html".
    Response& content_type(std::string_view type);
    std::string content_type() const;
    Response& charset(std::string_view charset);
    std::optional<std::string> charset() const;
    /// For bodies whose length only their writer knows; none takes it away.
    Response& content_length(std::optional<std::uint64_t> size);
    std::optional<std::uint64_t> content_length() const;
    Response& last_modified(std::optional<std::chrono::sys_seconds> when);
    std::optional<std::chrono::sys_seconds> last_modified() const;
    Response& etag(const std::optional<http::ETag>& tag);
    std::optional<http::ETag> etag() const;

    /// Mirrors set_cookie(); for attributes: `cookie(http::Cookie("a", "b").path("/").secure(true))`.
    Response& set_cookie(std::string_view name, std::string_view value);
    Response& set_cookie(http::Cookie cookie);
    /// Has the client forget it; `path` and `domain` as it was set with.
    Response& del_cookie(std::string_view name, std::string_view path = "/", std::string_view domain = {});
    const std::vector<http::Cookie>& cookies() const noexcept;

    /// In chunks even if the length is known. Not for HTTP/1.0, where RuntimeError follows when it is sent.
    Response& enable_chunked_encoding();
    bool chunked() const noexcept;
    /// Compressed, by what the client accepts, or by `force` whatever it accepts.
    Response& enable_compression(std::optional<http::ContentCoding> force = std::nullopt);
    bool compression() const noexcept;
    /// A body in memory of more than so many bytes is compressed by the loop's default executor, so that
    /// nobody waits for it; 64 KiB. None: never. aiohttp's is 1 KiB.
    Response& zlib_executor_size(std::optional<std::size_t> bytes);
    /// The connection ends after this response.
    Response& force_close();
    /// Whether the connection goes on after it; none: as the request wants it.
    std::optional<bool> keep_alive() const noexcept;

    /// Its head was sent.
    bool prepared() const noexcept;
    /// Text for people and reports: "<Response OK GET /path>".
    std::string repr() const;

    /// For the library.
    explicit Response(detail::ResponseState& state) noexcept : state_(&state) {
        detail::ResponseHold::add_ref(state_);
    }
    detail::ResponseState& state(const char* call) const;
    explicit operator bool() const noexcept { return state_ != nullptr; }

protected:
    /// Takes over a reference.
    explicit Response(detail::ResponseState* state) noexcept : state_(state) {}

private:
    detail::ResponseState& changeable(const char* call);

    detail::ResponseState* state_;
};

/// A value as JSON. Needs <aio/http/json.hpp>. Throws as json::dumps(). Mirrors aiohttp.web.json_response().
template <class T>
Response json_response(const T& value) {
    Response response;
    response.body(http::Payload::json(value));
    return response;
}

/// A response that is sent while it is made.
///
///     web::StreamResponse response;
///     co_await response.prepare(request);
///     co_await response.write("a line\n");
///     co_return response;
///
/// The handler's return ends it, if write_eof() has not. Without content_length() it is sent in chunks, or,
/// to a client of HTTP/1.0, until the connection is closed. Mirrors aiohttp.web.StreamResponse.
class StreamResponse : public Response {
public:
    StreamResponse();
    explicit StreamResponse(int status);

    /// Sends the head, with the first piece of the body if that is soon. Throws RuntimeError if another
    /// response to this request was prepared.
    Coro<> prepare(Request& request);
    /// Sends more of the body, and waits until the connection has room. Throws RuntimeError before
    /// prepare(), after write_eof(), and beyond content_length(); ConnectionResetError if the client is gone.
    /// Cancellation: immediate; what was written stays written.
    Coro<> write(BytesView data);
    /// The same without more of the body; a compressor gives out what it holds back.
    Coro<> drain();
    /// Ends the body, perhaps with a last piece. Idempotent. Throws as write().
    Coro<> write_eof(BytesView data = BytesView());
};

}  // namespace aio::web
