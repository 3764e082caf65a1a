// SPDX-License-Identifier: MIT
#include <aio/websocket/frame_impl.hpp>

#include <cstring>
#include <string>

namespace aio::http::detail {
namespace {

constexpr unsigned kFin = 0x80;
constexpr unsigned kRsv1 = 0x40;
constexpr unsigned kOtherRsv = 0x30;
constexpr unsigned kOpcode = 0x0F;
constexpr unsigned kMasked = 0x80;
constexpr unsigned kSize = 0x7F;
constexpr unsigned kSize16 = 126;
constexpr unsigned kSize64 = 127;

unsigned byte_at(std::string_view text, std::size_t i) noexcept {
    return static_cast<unsigned char>(text[i]);
}

std::uint64_t big_endian(std::string_view bytes) noexcept {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) number = number << 8 | byte_at(bytes, i);
    return number;
}

std::size_t size_of_size(unsigned second) noexcept {
    const unsigned size = second & kSize;
    return size == kSize16 ? 2 : size == kSize64 ? 8 : 0;
}

[[noreturn]] void refuse(const std::string& what) { throw WebSocketError(WSCloseCode::protocol_error, what); }

}  // namespace

WrittenHead::WrittenHead(const FrameHead& head) noexcept {
    const auto put = [this](std::uint64_t value, unsigned bytes) {
        while (bytes-- > 0) bytes_[size_++] = static_cast<char>(value >> (8 * bytes) & 0xFF);
    };
    put((head.fin ? kFin : 0) | (head.compressed ? kRsv1 : 0) | head.opcode, 1);
    const unsigned masked = head.key ? kMasked : 0;
    if (head.size < kSize16) {
        put(masked | head.size, 1);
    } else if (head.size <= 0xFFFF) {
        put(masked | kSize16, 1);
        put(head.size, 2);
    } else {
        put(masked | kSize64, 1);
        put(head.size, 8);
    }
    if (head.key) {
        std::memcpy(bytes_.data() + size_, &*head.key, sizeof(MaskKey));
        size_ += sizeof(MaskKey);
    }
}

std::size_t frame_head_size(std::string_view data) noexcept {
    if (data.size() < 2) return 2;
    const unsigned second = byte_at(data, 1);
    return 2 + size_of_size(second) + (second & kMasked ? sizeof(MaskKey) : 0);
}

FrameHead read_frame_head(std::string_view head, bool may_be_compressed) {
    const unsigned first = byte_at(head, 0);
    const unsigned second = byte_at(head, 1);
    FrameHead frame;
    frame.fin = first & kFin;
    frame.compressed = first & kRsv1;
    frame.opcode = static_cast<std::uint8_t>(first & kOpcode);
    const bool begins_message = frame.opcode != 0 && !frame.is_control();
    if ((first & kOtherRsv) || (frame.compressed && !(may_be_compressed && begins_message)))
        refuse("a frame with a reserved bit");
    if ((frame.opcode & 0x7) > 0x2) refuse("a frame with the unknown opcode " + std::to_string(frame.opcode));
    const std::size_t more = size_of_size(second);
    frame.size = more > 0 ? big_endian(head.substr(2, more)) : second & kSize;
    if ((more == 2 && frame.size < kSize16) || (more == 8 && frame.size <= 0xFFFF))
        refuse("a frame whose size is not written in the shortest way");
    if (frame.size >> 63) refuse("a frame of more than 2^63 bytes");
    if (frame.is_control() && !frame.fin) refuse("a control frame in several pieces");
    if (frame.is_control() && frame.size > kMostControl)
        refuse("a control frame of " + std::to_string(frame.size) + " bytes");
    if (second & kMasked) {
        MaskKey key;
        std::memcpy(&key, head.data() + 2 + more, sizeof key);
        frame.key = key;
    }
    return frame;
}

}  // namespace aio::http::detail
