// SPDX-License-Identifier: MIT
#include <aio/base/ref.hpp>
#include <aio/websocket/broadcast.hpp>
#include <aio/websocket/websocket_state_impl.hpp>

#include <string>

namespace aio::http::detail {

struct BroadcastMessage::Frame {
    Frame(WSMsgType type, BytesView data) : message{type, data} {
        message.check();
        FrameHead head;
        head.opcode = static_cast<std::uint8_t>(type);
        head.size = data.size();
        const WrittenHead written(head);
        bytes.reserve(written.text().size() + data.size());
        bytes.append(written.text()).append(data.text());
    }
    const Outgoing message;
    std::string bytes;  ///< as a server sends it that does not compress
};

BroadcastMessage::BroadcastMessage(WSMsgType type, BytesView data)
    : frame_(std::make_unique<const Frame>(type, data)) {}
BroadcastMessage::~BroadcastMessage() = default;

// A room is larger than the processor's caches, and from a member to its socket it is six places of memory,
// each found by the one before it: together half of what aio itself takes for a message.
void BroadcastMessage::prefetch(const WebSocket& socket) noexcept {
    const WebSocketState* const state = socket.state().get();
    try {
        if (state && state->is_open() && state->can_send()) static_cast<void>(state->has_room());
    } catch (...) {  // which send_to() will tell
    }
}

bool BroadcastMessage::send_to(const WebSocket& socket) const {
    if (!socket.state()) aio::detail::raise_empty_handle("broadcast()");
    WebSocketState& state = *socket.state();
    if (!state.can_send()) return true;  // its receive() tells
    if (!state.has_room()) return false;
    state.send_checked(frame_->message, BytesView(frame_->bytes));
    return true;
}

}  // namespace aio::http::detail
