// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/time.hpp>
#include <aio/web/response.hpp>
#include <aio/websocket/websocket.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::web {

/// Keyword arguments of WebSocketResponse. Time limits are durations, or std::nullopt for none.
class WebSocketOptions {
public:
    WebSocketOptions() {}
    /// How long close() waits for the peer's goodbye; 10 s.
    WebSocketOptions& timeout(TimeLimit limit) & {
        timeout_ = limit;
        return *this;
    }
    WebSocketOptions&& timeout(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->timeout(limit));
    }
    /// How long receive() waits, where it is not told.
    WebSocketOptions& receive_timeout(TimeLimit limit) & {
        receive_timeout_ = limit;
        return *this;
    }
    WebSocketOptions&& receive_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->receive_timeout(limit));
    }
    /// Whether the peer's goodbye is answered, and a ping; both are.
    WebSocketOptions& autoclose(bool on) & {
        autoclose_ = on;
        return *this;
    }
    WebSocketOptions&& autoclose(bool on) && AIO_LIFETIME_BOUND { return std::move(this->autoclose(on)); }
    WebSocketOptions& autoping(bool on) & {
        autoping_ = on;
        return *this;
    }
    WebSocketOptions&& autoping(bool on) && AIO_LIFETIME_BOUND { return std::move(this->autoping(on)); }
    /// After half of it without a byte from the peer it is sent a ping; if there is nothing for a whole one
    /// after that, the connection is lost. Throws ValueError unless it is longer than 0.
    WebSocketOptions& heartbeat(TimeLimit interval) &;
    WebSocketOptions&& heartbeat(TimeLimit interval) && AIO_LIFETIME_BOUND {
        return std::move(this->heartbeat(interval));
    }
    /// A subprotocol that this server speaks; of several the first that the client names. Throws ValueError
    /// if it is no token.
    WebSocketOptions& protocol(std::string name) &;
    WebSocketOptions&& protocol(std::string name) && AIO_LIFETIME_BOUND {
        return std::move(this->protocol(std::move(name)));
    }
    /// Whether messages may be compressed, if the client offers it; they may.
    WebSocketOptions& compress(bool on) & {
        compress_ = on;
        return *this;
    }
    WebSocketOptions&& compress(bool on) && AIO_LIFETIME_BOUND { return std::move(this->compress(on)); }
    /// How large a message may be, in bytes, decompressed; 4 MiB. 0 for no limit.
    WebSocketOptions& max_msg_size(std::size_t bytes) & {
        max_msg_size_ = bytes;
        return *this;
    }
    WebSocketOptions&& max_msg_size(std::size_t bytes) && AIO_LIFETIME_BOUND {
        return std::move(this->max_msg_size(bytes));
    }
    /// How much may wait to be sent before a send waits, in bytes; 64 KiB.
    WebSocketOptions& writer_limit(std::size_t bytes) & {
        writer_limit_ = bytes;
        return *this;
    }
    WebSocketOptions&& writer_limit(std::size_t bytes) && AIO_LIFETIME_BOUND {
        return std::move(this->writer_limit(bytes));
    }
    /// Pages of this origin ("https://example.org") may connect too; without it those of the host that they
    /// connect to. A page's scripts connect with the user's cookies, wherever it comes from. "*" for all.
    /// aiohttp lets all of them.
    WebSocketOptions& origin(std::string allowed) & {
        origins_.push_back(std::move(allowed));
        return *this;
    }
    WebSocketOptions&& origin(std::string allowed) && AIO_LIFETIME_BOUND {
        return std::move(this->origin(std::move(allowed)));
    }

    TimeLimit get_timeout() const noexcept { return timeout_; }
    TimeLimit get_receive_timeout() const noexcept { return receive_timeout_; }
    TimeLimit get_heartbeat() const noexcept { return heartbeat_; }
    bool get_autoclose() const noexcept { return autoclose_; }
    bool get_autoping() const noexcept { return autoping_; }
    bool get_compress() const noexcept { return compress_; }
    std::size_t get_max_msg_size() const noexcept { return max_msg_size_; }
    std::optional<std::size_t> get_writer_limit() const noexcept { return writer_limit_; }
    const std::vector<std::string>& get_protocols() const noexcept { return protocols_; }
    const std::vector<std::string>& get_origins() const noexcept { return origins_; }

private:
    TimeLimit timeout_ = std::chrono::seconds(10);
    TimeLimit receive_timeout_ = std::nullopt;
    TimeLimit heartbeat_ = std::nullopt;
    std::size_t max_msg_size_ = std::size_t{4} * 1024 * 1024;
    std::optional<std::size_t> writer_limit_;
    std::vector<std::string> protocols_;
    std::vector<std::string> origins_;
    bool autoclose_ = true;
    bool autoping_ = true;
    bool compress_ = true;
};

/// What WebSocketResponse::can_prepare() gives. Mirrors aiohttp.web.WebSocketReady.
struct WebSocketReady {
    bool ok = false;
    std::optional<std::string> protocol;
    explicit operator bool() const noexcept { return ok; }
};

/// A WebSocket as the answer to a request. Mirrors aiohttp.web.WebSocketResponse.
///
///     web::WebSocketResponse socket;
///     co_await socket.prepare(request);
///     while (auto message = co_await socket.next()) co_await socket.send_str(message->data());
///     co_return socket;
///
/// The connection ends with the handler.
class WebSocketResponse : public Response, public http::WebSocket {
public:
    explicit WebSocketResponse(WebSocketOptions options = WebSocketOptions());

    /// Whether the request asks for a WebSocket that this one can be. Throws RuntimeError after prepare().
    WebSocketReady can_prepare(const Request& request) const;
    /// Answers the request. Throws HTTPBadRequest if it does not ask for a WebSocket, HTTPForbidden if it
    /// comes from a page of another origin.
    Coro<> prepare(Request& request);
};

/// A WebSocketResponse that is prepared.
Coro<WebSocketResponse> accept_websocket(Request& request);
Coro<WebSocketResponse> accept_websocket(Request& request, const WebSocketOptions& options);

}  // namespace aio::web
