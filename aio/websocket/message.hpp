// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/http/json/codec.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

/// What goes over a WebSocket (RFC 6455).
namespace aio::http {

/// Kinds of messages. The last three are never sent: they tell a receiver of the connection's end. Mirrors
/// aiohttp.WSMsgType.
enum class WSMsgType : std::uint16_t {
    continuation = 0x0,
    text = 0x1,
    binary = 0x2,
    close = 0x8,
    ping = 0x9,
    pong = 0xA,
    closing = 0x100,
    closed = 0x101,
    error = 0x102
};

/// Why a WebSocket is closed. Programs may also use 3000 to 4999. Mirrors aiohttp.WSCloseCode.
struct WSCloseCode {
    static constexpr int ok = 1000;
    static constexpr int going_away = 1001;
    static constexpr int protocol_error = 1002;
    static constexpr int unsupported_data = 1003;
    static constexpr int no_status = 1005;         ///< never sent: the peer gave no code
    static constexpr int abnormal_closure = 1006;  ///< never sent: the connection ended without a close
    static constexpr int invalid_text = 1007;
    static constexpr int policy_violation = 1008;
    static constexpr int message_too_big = 1009;
    static constexpr int mandatory_extension = 1010;
    static constexpr int internal_error = 1011;
    static constexpr int service_restart = 1012;
    static constexpr int try_again_later = 1013;
    static constexpr int bad_gateway = 1014;
};

/// Whether a code may stand in a close frame.
constexpr bool is_close_code(int code) noexcept {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

/// The peer broke WebSocket's rules, or a limit. Mirrors aiohttp.WebSocketError.
class WebSocketError : public std::runtime_error {
public:
    WebSocketError(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
    /// The code to close with.
    int code() const noexcept { return code_; }

private:
    int code_;
};

/// A message of another kind than was expected. Mirrors aiohttp.WSMessageTypeError.
class WSMessageTypeError : public TypeError {
public:
    using TypeError::TypeError;
};

/// One message: a text, bytes, or what the protocol itself sends. Mirrors aiohttp.WSMessage.
class WSMessage {
public:
    WSMessage() = default;
    WSMessage(WSMsgType type, std::string data, int code = 0)
        : data_(std::move(data)), code_(code), type_(type) {}

    WSMsgType type() const noexcept { return type_; }
    /// The content: of a text in UTF-8, of a close the reason, as aiohttp's `extra`.
    const std::string& data() const& noexcept { return data_; }
    std::string&& data() && noexcept { return std::move(data_); }
    /// What a text says in JSON; needs <aio/http/json.hpp>.
    template <class T>
    T json() const {
        return aio::json::detail::load_body<T>(data_);
    }
    /// Of a close: the peer's code, or 1005 if it gave none.
    int code() const noexcept { return code_; }

private:
    std::string data_;
    int code_ = 0;
    WSMsgType type_ = WSMsgType::closed;
};

}  // namespace aio::http
