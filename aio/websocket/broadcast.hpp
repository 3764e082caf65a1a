// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/websocket/websocket.hpp>

#include <array>
#include <concepts>
#include <cstddef>
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
    /// Has the processor fetch what send_to() will read, while others' is on its way, too.
    static void prefetch(const WebSocket& socket) noexcept;

private:
    struct Frame;
    const std::unique_ptr<const Frame> frame_;
};

/// Whether they stay where they are when the iterator goes on.
template <class Sockets, class Reference = std::ranges::range_reference_t<Sockets>>
inline constexpr bool kHoldsWebSockets =
    std::ranges::forward_range<Sockets> && std::is_lvalue_reference_v<Reference> &&
    std::derived_from<std::remove_cvref_t<Reference>, WebSocket>;

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
    if constexpr (detail::kHoldsWebSockets<Sockets>) {
        std::array<const WebSocket*, 16> next;
        const auto end = std::ranges::end(sockets);
        for (auto at = std::ranges::begin(sockets); at != end;) {
            std::size_t count = 0;
            for (; count < next.size() && at != end; ++at, ++count) {
                next[count] = std::addressof(static_cast<const WebSocket&>(*at));
                message.prefetch(*next[count]);
            }
            for (std::size_t i = 0; i < count; ++i)
                if (!message.send_to(*next[i])) slow.push_back(*next[i]);
        }
    } else {
        for (const WebSocket& socket : sockets)
            if (!message.send_to(socket)) slow.push_back(socket);
    }
    return slow;
}

}  // namespace aio::http
