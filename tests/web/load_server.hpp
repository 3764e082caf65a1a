// SPDX-License-Identifier: MIT
#pragma once

#include "web/web_test.hpp"

#include <aio/client/client_session.hpp>

#ifdef AIO_TEST_TLS
#include "ssl/ssl_support.hpp"
#endif

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

/// The servers that soak_test.cpp puts under load.
namespace aio::tests {

namespace under_load {

using web::Request;
using web::Response;

inline constexpr std::size_t kPiece = 8 * 1024;

/// What the large answer has at a place.
inline char letter_at(std::size_t at) { return static_cast<char>('a' + at % 23); }
inline std::string letters(std::size_t from, std::size_t count) {
    std::string text(count, '\0');
    for (std::size_t i = 0; i < count; ++i) text[i] = letter_at(from + i);
    return text;
}

inline Coro<Response> hello(Request& request) {
    co_return Response().text("hello " + request.match_info("name"));
}
inline Coro<Response> slow(Request& request) {
    co_await sleep(2ms);
    co_return Response().text("hello " + request.match_info("name"));
}
inline Coro<Response> echo(Request& request) {
    std::string body = co_await request.read();
    co_return Response().body(std::move(body));
}
inline Coro<Response> count(Request& request) {
    std::size_t size = 0;
    while (auto chunk = co_await request.content().next_chunk()) size += chunk->size();
    co_return Response().text(std::to_string(size));
}
inline Coro<Response> large(Request& request) {
    const auto size = static_cast<std::size_t>(std::stoul(request.match_info("size")));
    web::StreamResponse response;
    co_await response.prepare(request);
    for (std::size_t at = 0; at < size; at += kPiece) {
        co_await response.write(letters(at, std::min(kPiece, size - at)));
    }
    co_return response;
}
inline Coro<Response> compressed(Request& request) {
    const auto size = static_cast<std::size_t>(std::stoul(request.match_info("size")));
    co_return Response().text(letters(0, size)).enable_compression();
}
inline Coro<Response> refuse(Request&) {
    throw web::HTTPForbidden();
    co_return Response();
}
inline Coro<Response> boom(Request&) {
    throw std::runtime_error("boom");
    co_return Response();
}
inline Coro<Response> file(std::string path, Request&) { co_return web::FileResponse(std::move(path)); }

inline web::Application make_app(const std::string& path) {
    web::Application app;
    app.add_get("/hello/{name}", hello);
    app.add_get("/slow/{name}", slow);
    app.add_post("/echo", echo);
    app.add_post("/count", count);
    app.add_get("/large/{size:\\d+}", large);
    app.add_get("/compressed/{size:\\d+}", compressed);
    app.add_post("/refuse", refuse);
    app.add_get("/boom", boom);
    app.add_get("/file", file, path);
    return app;
}

}  // namespace under_load

/// An application on two places: in plain text and, if TLS is there, in TLS.
class LoadServer {
public:
    LoadServer(const std::string& file, web::ServerOptions options)
        : runner_(under_load::make_app(file), std::move(options)) {}
    Coro<> start() {
        co_await runner_.setup();
        web::TCPSite plain(runner_, "127.0.0.1", 0, web::SiteOptions().backlog(500));
        co_await plain.start();
        port = plain.addresses()[0].port();
        plain_url = plain.name();
#ifdef AIO_TEST_TLS
        web::TCPSite tls(runner_, "127.0.0.1", 0,
                         web::SiteOptions().backlog(500).ssl_context(server_context()));
        co_await tls.start();
        tls_url = tls.name();
#endif
    }
    Coro<> stop() { return runner_.cleanup(); }
    std::size_t connections() const { return runner_.server().connections(); }
    /// A session for one of the two places.
    http::ClientSession session(bool tls) const {
        http::SessionOptions options;
        options.base_url(tls && !tls_url.empty() ? tls_url : plain_url);
#ifdef AIO_TEST_TLS
        options.ssl(trusting_);
#endif
        return http::ClientSession(options);
    }

    int port = 0;
    std::string plain_url;
    std::string tls_url;

private:
    web::AppRunner runner_;
#ifdef AIO_TEST_TLS
    std::shared_ptr<ssl::Context> trusting_ = client_context();
#endif
};

}  // namespace aio::tests
