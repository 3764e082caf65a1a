// SPDX-License-Identifier: MIT
#pragma once

#include <aio/websocket/mask_impl.hpp>
#include <aio/websocket/message.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace aio::http::detail {

/// What a control frame may carry at most (RFC 6455, 5.5).
inline constexpr std::size_t kMostControl = 125;

/// The first bytes of a frame (RFC 6455, 5.2).
struct FrameHead {
    std::uint64_t size = 0;  ///< of the payload
    std::optional<MaskKey> key;
    std::uint8_t opcode = 0;
    bool fin = true;
    bool compressed = false;  ///< RSV1, of a message's first frame

    bool is_control() const noexcept { return opcode >= 0x8; }
};

/// A frame's head as it is sent.
class WrittenHead {
public:
    static constexpr std::size_t kMost = 14;
    explicit WrittenHead(const FrameHead& head) noexcept;
    std::string_view text() const noexcept { return {bytes_.data(), size_}; }

private:
    std::array<char, kMost> bytes_;
    std::size_t size_ = 0;
};

/// How many bytes the head that begins with these has; 2 if that is not known yet.
std::size_t frame_head_size(std::string_view data) noexcept;
/// Reads a whole head. Throws WebSocketError if a bit, an opcode or the size is none that there is, or the
/// size is not written in the shortest way.
FrameHead read_frame_head(std::string_view head, bool may_be_compressed);

}  // namespace aio::http::detail
