// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/websocket/websocket.hpp>

#include <memory>
#include <ranges>
#include <type_traits>
#include <vector>

namespace aio::http {

namespace detail {

/// A message that many get: it is checked once, and made a frame once.
class BroadcastMessage {
public:
    BroadcastMessage(WSMsgType type, BytesView data);
    BroadcastMessage(const BroadcastMessage&) = delete;
    BroadcastMessage& operator=(const BroadcastMessage&) = delete;
    ~BroadcastMessage();

    /// False if too much waits there already.
    bool send_to(const WebSocket& socket) const;
    /// send_to() comes soon: what it will read is fetched, and of several at the same time.
    static void is_next(const WebSocket& socket);

private:
    struct Frame;
    const std::unique_ptr<const Frame> frame_;
};

}  // namespace detail

/// Puts a message on its way to many at once, and waits for none of them: one that does not read costs
/// neither the others' time nor memory. Those to whom more than their writer limit is to be sent already do
/// not get it, and are returned; closed ones are left out. Mirrors websockets.broadcast(), which lets the
/// buffers of the slow ones grow.
///
///     for (const http::WebSocket& slow : http::broadcast(room, text)) leave(slow);
///
/// `sockets`: a range of WebSockets, server's or client's; of a map std::views::values(map). Throws
/// ValueError for a text that is not UTF-8 and for another type than text, binary, ping and pong;
/// RuntimeError for one before prepare(), when those before it have the message.
template <std::ranges::input_range Sockets>
std::vector<WebSocket> broadcast(Sockets&& sockets, BytesView data, WSMsgType type = WSMsgType::text) {
    const detail::BroadcastMessage message(type, data);
    std::vector<WebSocket> slow;
    if constexpr (std::ranges::forward_range<Sockets> &&
                  std::is_lvalue_reference_v<std::ranges::range_reference_t<Sockets>>) {
        constexpr int kAhead = 16;
        const auto end = std::ranges::end(sockets);
        auto next = std::ranges::begin(sockets);
        for (auto at = next; at != end;) {
            for (int i = 0; i < kAhead && next != end; ++i, ++next) message.is_next(*next);
            for (; at != next; ++at)
                if (!message.send_to(*at)) slow.push_back(*at);
        }
    } else {
        for (const WebSocket& socket : sockets)
            if (!message.send_to(socket)) slow.push_back(socket);
    }
    return slow;
}

}  // namespace aio::http
