// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/time.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// How a connection becomes a WebSocket (RFC 6455, 4; RFC 7692, 7.1).
namespace aio::http::detail {

/// A client's key, of 16 bytes from the system's generator. Throws OSError if there are none.
std::string make_websocket_key();
/// Whether a field's value can be such a key.
bool is_websocket_key(std::string_view key) noexcept;
/// What a server answers to a key.
std::string websocket_accept(std::string_view key);

/// What both sides do when messages are compressed (permessage-deflate).
struct DeflateParams {
    static constexpr int kMostBits = 15;
    static constexpr int kLeastBits = 9;  ///< zlib cannot compress with 8
    bool server_no_context_takeover = false;
    bool client_no_context_takeover = false;
    int server_max_window_bits = kMostBits;
    int client_max_window_bits = kMostBits;

    static bool is_window(int bits) noexcept { return bits >= kLeastBits && bits <= kMostBits; }
    friend bool operator==(const DeflateParams&, const DeflateParams&) = default;
};

/// What a client offers that compresses with a window of so many bits.
std::string deflate_offer(int window_bits);
/// What a server that wants no larger window makes of a client's Sec-WebSocket-Extensions: the first offer
/// that it can take, none if there is none.
std::optional<DeflateParams> accept_deflate(std::string_view extensions, int window_bits);
/// What it answers.
std::string deflate_answer(const DeflateParams& params);
/// What a server has answered to deflate_offer(). Throws ValueError if it is no answer to that; none if the
/// server does not compress, which an empty text says.
std::optional<DeflateParams> read_deflate_answer(std::string_view extensions, int window_bits);

/// What programs may ask for, on either side. Throw ValueError: for a name that is no token, an interval that
/// is not longer than 0.
std::string checked_protocol(std::string name);
TimeLimit checked_heartbeat(TimeLimit interval);

/// The first protocol of a client's Sec-WebSocket-Protocol that is among a server's `known`.
std::optional<std::string_view> choose_protocol(std::string_view offered,
                                                std::span<const std::string> known) noexcept;

}  // namespace aio::http::detail
