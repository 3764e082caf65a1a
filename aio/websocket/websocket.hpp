// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/base/time.hpp>
#include <aio/http/json/codec.hpp>
#include <aio/task/coro.hpp>
#include <aio/websocket/message.hpp>

#include <any>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::http {

namespace detail {
class WebSocketState;
}

/// What both ends of a WebSocket can do. Mirrors what aiohttp's ClientWebSocketResponse and
/// web.WebSocketResponse have in common.
///
///     while (auto message = co_await socket.next()) co_await socket.send_str(message->data());
///
/// Tasks may send at the same time, and beside one that receives: messages go out whole, one after the other.
/// A ping is answered, and a close too, by whoever receives. A send that is cancelled has sent its message or
/// nothing of it.
///
/// A cheap handle: copies refer to the same connection; functions of one that was moved from throw
/// RuntimeError. Threads: the loop's only.
class WebSocket {
public:
    /// Sends a text or bytes; `data` must last, as it is, until it has ended. `compress`: of this message
    /// alone where messages may be compressed: 0 for not at all, as pictures, or a window of so many bits, 9
    /// to 15 but no more than was agreed, in which it refers to no other message, nor the next one to it.
    /// Completes: at once, unless so much waits to be sent that there has to be room first. Throws ValueError
    /// for a text that is not UTF-8 and another `compress`; ConnectionResetError once the connection is
    /// closing or lost; RuntimeError before prepare(). Cancellation: immediate; the message is sent, unless
    /// it is a large one that is still being compressed, between whose pieces others have a turn, or waits
    /// for one: of these nothing is.
    Coro<> send_str(BytesView data, std::optional<int> compress = std::nullopt) const;
    Coro<> send_bytes(BytesView data, std::optional<int> compress = std::nullopt) const;
    /// The same for a type that is asked for: text, binary, ping or pong.
    Coro<> send_frame(BytesView data, WSMsgType type, std::optional<int> compress = std::nullopt) const;
    /// The same of the JSON of `value`; needs <aio/http/json.hpp>.
    template <class T>
    Coro<> send_json(const T& value, std::optional<int> compress = std::nullopt) const {
        return send_own(aio::json::detail::dump_body(value), compress);
    }
    /// Ask whether the peer is there, and answer. At most 125 bytes, or ValueError.
    Coro<> ping(BytesView data = BytesView()) const;
    Coro<> pong(BytesView data = BytesView()) const;

    /// The next message. After the connection's end `closed`, as often as it is asked; `closing` if another
    /// task closes it meanwhile; `error`, whose data says what happened, if the peer broke a rule or does not
    /// answer to heartbeats. One task at a time, or RuntimeError. Throws TimeoutError after `timeout`, or the
    /// socket's receive_timeout. Cancellation: immediate; no message is lost.
    Coro<WSMessage> receive(TimeLimit timeout = std::nullopt) const;
    /// The content of the next message. Throws WSMessageTypeError if it is of another kind, such as `close`.
    Coro<std::string> receive_str(TimeLimit timeout = std::nullopt) const;
    Coro<std::string> receive_bytes(TimeLimit timeout = std::nullopt) const;
    /// What a text says in JSON; needs <aio/http/json.hpp>.
    template <class T>
    Coro<T> receive_json(TimeLimit timeout = std::nullopt) const {
        const WebSocket self = *this;
        const std::string text = co_await self.receive_str(timeout);
        co_return aio::json::detail::load_body<T>(text);
    }
    /// The next message, none at the connection's end: Python's `async for message in socket`.
    Coro<std::optional<WSMessage>> next() const;

    /// Says goodbye and waits for the peer's, but no longer than the socket's close_timeout; messages that
    /// come before that are dropped. False if it was closed before. ValueError for a code that must not be
    /// sent or a message of more than 123 bytes. Cancellation: ends the connection at once.
    Coro<bool> close(int code = WSCloseCode::ok, std::string message = {}) const;

    /// No more can be sent.
    bool closed() const;
    /// The peer's code; 1006 if the connection ended without one. None while it is open.
    std::optional<int> close_code() const;
    /// What the peer has broken, or the network; null if nothing.
    std::exception_ptr exception() const;
    /// The subprotocol that was agreed on; empty for none.
    const std::string& protocol() const;
    /// Whether messages may be compressed.
    bool compresses() const;
    /// As of the transport: "peername", "socket", "ssl_object", ...
    std::any get_extra_info(std::string_view name) const;

    /// For the library.
    explicit WebSocket(std::shared_ptr<detail::WebSocketState> state) noexcept : state_(std::move(state)) {}
    const std::shared_ptr<detail::WebSocketState>& state() const noexcept { return state_; }

private:
    Coro<> send_own(std::string text, std::optional<int> compress) const;
    const std::shared_ptr<detail::WebSocketState>& checked(const char* call) const;

    std::shared_ptr<detail::WebSocketState> state_;
};

}  // namespace aio::http
