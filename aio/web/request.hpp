// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>
#include <aio/http/body/stream_reader.hpp>
#include <aio/http/cookie.hpp>
#include <aio/http/fields/conditional.hpp>
#include <aio/http/fields/forwarded.hpp>
#include <aio/http/fields/range.hpp>
#include <aio/http/forms/multipart_reader.hpp>
#include <aio/http/forms/post.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/json/codec.hpp>
#include <aio/http/message.hpp>
#include <aio/http/multi_dict.hpp>
#include <aio/http/url/url.hpp>
#include <aio/task/coro.hpp>
#include <aio/transport/transport.hpp>
#include <aio/web/clone_options.hpp>
#include <aio/web/router/match_info.hpp>
#include <aio/web/storage.hpp>

#include <any>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aio::web {

class Application;

namespace detail {
class ApplicationState;
class Exchange;
struct ClonedRequest;
struct ParsedRequest;
}  // namespace detail

/// What a client asks for. A handler is given it, and may use it, and all views of it, until its response was
/// sent. Mirrors aiohttp.web.Request.
///
/// What has to be parsed is parsed when it is asked for, and once.
/// Threads: the loop's.
class Request {
public:
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

    std::string_view method() const noexcept;
    http::HttpVersion version() const noexcept;
    /// The target as it was sent, path and query.
    std::string_view raw_path() const noexcept;
    /// The target as a URL without host. Throws HTTPBadRequest if it is none.
    const http::URL& rel_url() const;
    /// The whole of it, with scheme() and host().
    http::URL url() const;
    /// Decoded; an encoded slash is one, so do not take it apart.
    std::string path() const;
    std::string_view path_qs() const;
    /// The parameters of the query, decoded.
    const http::MultiDict& query() const;
    std::string query_string() const;

    /// "https" if the connection is TLS, else "http"; what proxies say is not believed.
    std::string_view scheme() const noexcept;
    bool secure() const noexcept;
    /// Host and port that were asked: the Host field, else the address of the socket.
    std::string host() const;
    /// The address of the peer, without port; empty where it has none.
    std::string remote() const;
    /// What proxies say in Forwarded fields, in order; anybody can send them. Mirrors request.forwarded.
    std::vector<http::Parameters> forwarded() const;

    /// The first field of the name, without making headers() of all.
    std::optional<std::string_view> header(std::string_view name) const noexcept;
    const http::Headers& headers() const;
    /// All fields as they were sent.
    std::span<const http::Field> raw_headers() const noexcept;
    /// The cookies that were sent, in order. Mirrors request.cookies.
    const std::vector<http::CookiePair>& cookies() const;
    /// The value of the first cookie of that name.
    std::optional<std::string_view> cookie(std::string_view name) const;
    /// "text/html", without parameters; "application/octet-stream" if it is missing or no type.
    std::string content_type() const;
    std::optional<std::string> charset() const;
    std::optional<std::uint64_t> content_length() const noexcept;
    /// The client wants to send more requests on this connection.
    bool keep_alive() const noexcept;

    /// Of conditional requests; none if the field is missing or malformed.
    std::optional<std::chrono::sys_seconds> if_modified_since() const;
    std::optional<std::chrono::sys_seconds> if_unmodified_since() const;
    std::optional<std::chrono::sys_seconds> if_range() const;
    std::vector<http::ETag> if_match() const;
    std::vector<http::ETag> if_none_match() const;
    /// The pieces that the Range field asks for; none if there is none to be regarded.
    std::optional<std::vector<http::RangeSpec>> http_range() const;

    /// There is a body, of which something may have been read. Mirrors body_exists and can_read_body.
    bool body_exists() const noexcept;
    bool can_read_body() const noexcept;
    /// The body as it arrives.
    http::StreamReader& content() noexcept;
    /// All of the body, which is kept. Throws HTTPRequestEntityTooLarge if it is larger than
    /// client_max_size(), what content() throws if it is broken.
    Coro<std::string> read();
    /// The same as text in UTF-8, of what charset() says. Throws HTTPBadRequest if it is no such text,
    /// HTTPUnsupportedMediaType for an unknown charset.
    Coro<std::string> text();
    /// The same as a T, from JSON. Throws HTTPBadRequest, with the reason, if it is no JSON, does not fit, or
    /// the content type is not `content_type` or one that ends with "+json"; an empty one takes all. Needs
    /// <aio/http/json.hpp>.
    template <class T>
    Coro<T> json(std::string content_type = "application/json") {
        check_json(content_type);
        const std::string text = co_await this->text();
        try {
            co_return aio::json::detail::load_body<T>(text);
        } catch (const ValueError& e) {
            raise_bad_request(e.what());
        }
    }
    /// The fields of a form that was sent, with its files; of another content type none. Of the options the
    /// largest body is client_max_size(). Throws as http::read_post().
    Coro<http::PostData> post(http::PostOptions options = http::PostOptions());
    /// The parts of a multipart body, as they arrive. Throws HTTPBadRequest if it is none.
    http::MultipartReader multipart();
    /// Reads what is left of the body and drops it.
    Coro<> release();
    /// How large a body read() takes, in bytes.
    std::uint64_t client_max_size() const noexcept;
    void client_max_size(std::uint64_t bytes) noexcept { client_max_size_ = bytes; }

    /// The value of a variable in the path of the route, decoded. Throws LookupError if it has none of that
    /// name.
    std::string match_info(std::string_view name) const { return std::string(match_[name]); }
    /// What the router found.
    const UrlMappingMatchInfo& match_info() const noexcept { return match_; }
    /// The application whose handler or middleware is at work. Throws RuntimeError where there is none: below
    /// a Server.
    Application app() const;
    /// Data of the application, or else of one that it is part of. Throws LookupError as Application::get().
    /// Mirrors request.config_dict[key].
    template <class T>
    T& config() const {
        return *static_cast<T*>(find_config(typeid(T)));
    }

    /// The connection. Mirrors request.transport and get_extra_info().
    Transport& transport() const noexcept;
    std::any get_extra_info(std::string_view name) const;

    /// A value of a type, for those that come later: middlewares and handlers. Mirrors request[key].
    template <class T>
    T& set(T value) {
        return storage_.set(std::move(value));
    }
    /// Throws LookupError, which names the type, if none was set.
    template <class T>
    T& get() const {
        return storage_.get<T>("the request");
    }
    /// Null if none was set.
    template <class T>
    T* find() const noexcept {
        return storage_.find<T>();
    }

    /// The same request with some of it replaced, for a middleware that changes what it passes on:
    /// `const auto changed = request.clone(CloneOptions().method("PUT"));`, `co_await next(*changed)`. Body,
    /// connection and answer are the request's own, what was set() is copied. Not to be used longer than the
    /// request. Throws RuntimeError once something of the body was read. Mirrors request.clone().
    std::unique_ptr<Request> clone(CloneOptions options = CloneOptions()) const;

    /// Text for people and reports: "<Request GET /path>".
    std::string repr() const;

    /// For the library.
    explicit Request(detail::Exchange& exchange) noexcept;
    ~Request();
    detail::Exchange& exchange() const noexcept { return *exchange_; }
    const http::RequestHead& head() const noexcept { return *head_; }
    void reset() noexcept;
    UrlMappingMatchInfo& match() noexcept { return match_; }
    /// The path of the target, encoded.
    std::string_view target_path() const;
    /// Another application is at work from now on; gives the one before.
    detail::ApplicationState* exchange_app(detail::ApplicationState* app) noexcept {
        return std::exchange(app_, app);
    }

private:
    detail::ParsedRequest& parsed() const;
    void check_json(std::string_view content_type) const;
    [[noreturn]] static void raise_bad_request(std::string reason);
    void* find_config(const std::type_info& type) const;

    detail::Exchange* exchange_;
    const http::RequestHead* head_;  ///< the exchange's, or a clone's
    std::unique_ptr<detail::ClonedRequest> clone_;
    mutable std::unique_ptr<detail::ParsedRequest> parsed_;
    detail::ApplicationState* app_ = nullptr;
    UrlMappingMatchInfo match_;
    detail::Storage storage_;
    std::uint64_t client_max_size_ = 0;
};

}  // namespace aio::web
