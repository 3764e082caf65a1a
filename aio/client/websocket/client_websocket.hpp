// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/time.hpp>
#include <aio/client/request_builder.hpp>
#include <aio/websocket/websocket.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace aio::http {

/// The client's end of a WebSocket. Mirrors aiohttp.ClientWebSocketResponse.
///
/// A handle; with the last one the connection is closed. For async_with(), at whose end it is closed with a
/// goodbye.
class ClientWebSocketResponse : public WebSocket {
public:
    using WebSocket::WebSocket;
    Coro<ClientWebSocketResponse> aenter() const { co_return *this; }
    Coro<> aexit() const {
        const ClientWebSocketResponse self = *this;
        co_await self.close();
    }
};

/// What ClientSession::ws_connect() gives: to be completed and awaited. Mirrors the arguments of aiohttp's.
///
///     auto socket = co_await session.ws_connect("ws://127.0.0.1:8080/chat").protocol("chat").heartbeat(30s);
///
/// Throws what a request throws, and WSServerHandshakeError if the server does not take the connection for a
/// WebSocket. Cancellation: immediate; the connection is closed.
class WebSocketBuilder {
public:
    WebSocketBuilder(WebSocketBuilder&&) noexcept = default;
    WebSocketBuilder& operator=(WebSocketBuilder&&) noexcept = default;

    /// A subprotocol that is offered, the one that is wanted most first. Throws ValueError if it is no token.
    WebSocketBuilder& protocol(std::string name) &;
    WebSocketBuilder&& protocol(std::string name) && AIO_LIFETIME_BOUND {
        return std::move(this->protocol(std::move(name)));
    }
    /// How long close() waits for the server's goodbye, 10 s, and receive(), where it is not told; no limit.
    WebSocketBuilder& timeout(TimeLimit close, TimeLimit receive = std::nullopt) & {
        close_timeout_ = close;
        receive_timeout_ = receive;
        return *this;
    }
    WebSocketBuilder&& timeout(TimeLimit close, TimeLimit receive = std::nullopt) && AIO_LIFETIME_BOUND {
        return std::move(this->timeout(close, receive));
    }
    /// Whether the server's goodbye is answered, and a ping; both are.
    WebSocketBuilder& autoclose(bool on) & {
        autoclose_ = on;
        return *this;
    }
    WebSocketBuilder&& autoclose(bool on) && AIO_LIFETIME_BOUND { return std::move(this->autoclose(on)); }
    WebSocketBuilder& autoping(bool on) & {
        autoping_ = on;
        return *this;
    }
    WebSocketBuilder&& autoping(bool on) && AIO_LIFETIME_BOUND { return std::move(this->autoping(on)); }
    /// As web::WebSocketOptions::heartbeat().
    WebSocketBuilder& heartbeat(TimeLimit interval) &;
    WebSocketBuilder&& heartbeat(TimeLimit interval) && AIO_LIFETIME_BOUND {
        return std::move(this->heartbeat(interval));
    }
    /// The field Origin, which browsers send.
    WebSocketBuilder& origin(std::string_view origin) & {
        request_.header("Origin", origin);
        return *this;
    }
    WebSocketBuilder&& origin(std::string_view origin) && AIO_LIFETIME_BOUND {
        return std::move(this->origin(origin));
    }
    /// Offers to compress messages with windows of so many bits, 9 to 15, which is 2^15 bytes; off. Throws
    /// ValueError for others.
    WebSocketBuilder& compress(int window_bits = 15) &;
    WebSocketBuilder&& compress(int window_bits = 15) && AIO_LIFETIME_BOUND {
        return std::move(this->compress(window_bits));
    }
    /// How large a message may be, in bytes, decompressed; 4 MiB. 0 for no limit.
    WebSocketBuilder& max_msg_size(std::size_t bytes) & {
        max_msg_size_ = bytes;
        return *this;
    }
    WebSocketBuilder&& max_msg_size(std::size_t bytes) && AIO_LIFETIME_BOUND {
        return std::move(this->max_msg_size(bytes));
    }
    /// Another field of the request.
    WebSocketBuilder& header(const HeaderName& name, std::string_view value) & {
        request_.header(name, value);
        return *this;
    }
    WebSocketBuilder&& header(const HeaderName& name, std::string_view value) && AIO_LIFETIME_BOUND {
        return std::move(this->header(name, value));
    }
    /// Everything else that a request can be told: `builder.request().basic_auth(...)`, proxy(), ssl(), ...
    RequestBuilder& request() noexcept AIO_LIFETIME_BOUND { return request_; }

    /// What awaiting does, as a coroutine that can be kept.
    Coro<ClientWebSocketResponse> send() &&;
    auto operator co_await() && { return std::move(*this).send().operator co_await(); }
    auto operator co_await() & { return std::move(*this).send().operator co_await(); }

    /// For async_with(): closed with a goodbye at the end.
    Coro<ClientWebSocketResponse> aenter() { return std::move(*this).send(); }

    explicit WebSocketBuilder(RequestBuilder request) noexcept : request_(std::move(request)) {}

private:
    RequestBuilder request_;
    std::vector<std::string> protocols_;
    TimeLimit close_timeout_ = std::chrono::seconds(10);
    TimeLimit receive_timeout_ = std::nullopt;
    TimeLimit heartbeat_ = std::nullopt;
    std::size_t max_msg_size_ = std::size_t{4} * 1024 * 1024;
    int window_bits_ = 0;
    bool autoclose_ = true;
    bool autoping_ = true;
};

}  // namespace aio::http
