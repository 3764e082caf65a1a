// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/client/request_builder.hpp>
#include <aio/client/session_options.hpp>
#include <aio/http/url/url.hpp>
#include <aio/task/coro.hpp>

#include <string>
#include <string_view>

namespace aio::http {

class WebSocketBuilder;

/// Where a URL is asked for; any text converts to it. A text that is no URL is an InvalidUrlClientError.
class RequestURL {
public:
    RequestURL(URL url) noexcept : url_(std::move(url)) {}  // NOLINT(google-explicit-constructor)
    RequestURL(std::string_view text);                      // NOLINT(google-explicit-constructor)
    RequestURL(const char* text) : RequestURL(std::string_view(text)) {}         // NOLINT
    RequestURL(const std::string& text) : RequestURL(std::string_view(text)) {}  // NOLINT
    URL take() && noexcept { return std::move(url_); }

private:
    URL url_;
};

/// Asks servers for things: owns the pool of connections, the cookies, and what all requests have in common.
/// Mirrors aiohttp.ClientSession. A program has one, for as long as it lasts.
///
///     aio::http::ClientSession session(SessionOptions().base_url("http://127.0.0.1:8080"));
///     auto response = co_await session.get("/hello").timeout(5s);
///     co_await session.close();
///
/// With SessionOptions().trust_env(true) ~/.netrc is read when it is made, which throws what
/// Netrc::from_env() throws.
///
/// A cheap handle: copies are the same session. One that is left open is reported in debug mode when its last
/// handle goes. Also a manager for async_with(). Threads: those of the loop in which its requests run.
class ClientSession {
public:
    ClientSession() : ClientSession(SessionOptions()) {}
    explicit ClientSession(SessionOptions options);

    /// A request of any method, to be completed and awaited; see RequestBuilder. Throws InvalidUrlClientError
    /// for a text that is no URL, ValueError for a method that is no token. GET and OPTIONS follow redirects,
    /// as all do but HEAD.
    RequestBuilder request(std::string_view method, RequestURL url) const;
    RequestBuilder get(RequestURL url) const { return request("GET", std::move(url)); }
    RequestBuilder options(RequestURL url) const { return request("OPTIONS", std::move(url)); }
    RequestBuilder head(RequestURL url) const { return request("HEAD", std::move(url)); }
    RequestBuilder post(RequestURL url) const { return request("POST", std::move(url)); }
    RequestBuilder put(RequestURL url) const { return request("PUT", std::move(url)); }
    RequestBuilder patch(RequestURL url) const { return request("PATCH", std::move(url)); }
    /// `delete` is a word of the language.
    RequestBuilder delete_(RequestURL url) const { return request("DELETE", std::move(url)); }
    /// A WebSocket, of ws:// or wss://, to be completed and awaited; see WebSocketBuilder, in
    /// <aio/client/websocket/client_websocket.hpp>. Throws as request().
    WebSocketBuilder ws_connect(RequestURL url) const;

    /// Closes the connector, unless it is somebody else's, and waits for that. Later requests throw
    /// RuntimeError. Idempotent. Cancellation: as of the connector's close().
    Coro<> close();
    bool closed() const;
    /// The session is closed from now on, and its connector is left open.
    void detach();

    /// Null once it is closed.
    const std::shared_ptr<BaseConnector>& connector() const;
    const std::shared_ptr<AbstractCookieJar>& cookie_jar() const;
    /// What it was made with: headers(), timeout(), auto_decompress() and so on.
    const SessionOptions& settings() const;

    /// For async_with(): closes it at the end.
    Coro<ClientSession&> aenter();
    Coro<> aexit() { return close(); }

    friend bool operator==(const ClientSession&, const ClientSession&) noexcept = default;

private:
    detail::SessionState& state(const char* call) const;

    std::shared_ptr<detail::SessionState> state_;
};

/// One request in a session of its own, which ends with its response. Mirrors aiohttp.request().
///
///     auto response = co_await request("GET", "http://127.0.0.1:8080/");
RequestBuilder request(std::string_view method, RequestURL url, SessionOptions options = SessionOptions());

}  // namespace aio::http
