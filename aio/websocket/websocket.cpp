// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/ref.hpp>
#include <aio/websocket/websocket_state_impl.hpp>

#include <utility>

namespace aio::http {
namespace {

using StateRef = std::shared_ptr<detail::WebSocketState>;

using detail::Outgoing;

Coro<> send(StateRef state, Outgoing message) {
    if (state->takes_turns(message)) {
        co_await detail::WebSocketState::send_in_turns(state, message);
    } else {
        state->send(message);
    }
    co_await state->writer().drain();
}

Coro<> send_text(StateRef state, std::string text, std::optional<int> compress) {
    const Outgoing message{WSMsgType::text, BytesView(text), compress};
    co_await send(std::move(state), message);
}

Coro<std::string> receive_data(StateRef state, WSMsgType type, TimeLimit timeout) {
    WSMessage message = co_await detail::WebSocketState::receive<WSMessage>(std::move(state), timeout);
    if (message.type() == type) co_return std::move(message).data();
    throw WSMessageTypeError(std::string("Received a message of another kind than ") +
                             (type == WSMsgType::text ? "text" : "binary"));
}

}  // namespace

const StateRef& WebSocket::checked(const char* call) const {
    if (!state_) aio::detail::raise_empty_handle(call);
    return state_;
}

Coro<> WebSocket::send_str(BytesView data, std::optional<int> compress) const {
    return send(checked("WebSocket.send_str()"), Outgoing{WSMsgType::text, data, compress});
}
Coro<> WebSocket::send_bytes(BytesView data, std::optional<int> compress) const {
    return send(checked("WebSocket.send_bytes()"), Outgoing{WSMsgType::binary, data, compress});
}
Coro<> WebSocket::send_frame(BytesView data, WSMsgType type, std::optional<int> compress) const {
    return send(checked("WebSocket.send_frame()"), Outgoing{type, data, compress});
}
Coro<> WebSocket::send_own(std::string text, std::optional<int> compress) const {
    return send_text(checked("WebSocket.send_json()"), std::move(text), compress);
}
Coro<> WebSocket::ping(BytesView data) const {
    return send(checked("WebSocket.ping()"), Outgoing{WSMsgType::ping, data});
}
Coro<> WebSocket::pong(BytesView data) const {
    return send(checked("WebSocket.pong()"), Outgoing{WSMsgType::pong, data});
}

Coro<WSMessage> WebSocket::receive(TimeLimit timeout) const {
    return detail::WebSocketState::receive<WSMessage>(checked("WebSocket.receive()"), timeout);
}
Coro<std::string> WebSocket::receive_str(TimeLimit timeout) const {
    return receive_data(checked("WebSocket.receive_str()"), WSMsgType::text, timeout);
}
Coro<std::string> WebSocket::receive_bytes(TimeLimit timeout) const {
    return receive_data(checked("WebSocket.receive_bytes()"), WSMsgType::binary, timeout);
}
Coro<std::optional<WSMessage>> WebSocket::next() const {
    return detail::WebSocketState::receive<std::optional<WSMessage>>(checked("WebSocket.next()"),
                                                                     std::nullopt);
}

Coro<bool> WebSocket::close(int code, std::string message) const {
    return detail::WebSocketState::close(checked("WebSocket.close()"), code, std::move(message));
}

bool WebSocket::closed() const { return checked("WebSocket.closed()")->closed(); }
std::optional<int> WebSocket::close_code() const { return checked("WebSocket.close_code()")->close_code(); }
std::exception_ptr WebSocket::exception() const { return checked("WebSocket.exception()")->error(); }
const std::string& WebSocket::protocol() const {
    return checked("WebSocket.protocol()")->connection().protocol;
}
bool WebSocket::compresses() const {
    return checked("WebSocket.compresses()")->connection().deflate.has_value();
}
std::any WebSocket::get_extra_info(std::string_view name) const {
    return checked("WebSocket.get_extra_info()")->writer().transport().get_extra_info(name);
}

}  // namespace aio::http
