// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/http/url/utf8_impl.hpp>
#include <aio/websocket/deflate_impl.hpp>
#include <aio/websocket/frame_impl.hpp>
#include <aio/websocket/message.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace aio::http::detail {

/// Puts the messages of a WebSocket together. It knows no connection and, like MessageParser, looks at what a
/// reader's buffer holds. Of a message nothing stays in that buffer: what has come of it is kept, unmasked
/// and decompressed, up to the limit.
///
/// Rules and limits that are broken are a WebSocketError. After one the parser must not be used.
class WebSocketParser {
public:
    /// `masked`: whether the peer must mask its frames, as clients do. `most`: how large a message may be, in
    /// bytes; 0 for no limit.
    WebSocketParser(bool masked, std::size_t most) noexcept;
    /// Messages may be compressed.
    void decompress(MessageInflater inflater) noexcept { inflater_.emplace(std::move(inflater)); }

    /// Whether a message is complete, which message() gives then. `data` is all that has arrived and was not
    /// consumed.
    bool parse(BytesView data);
    /// How many bytes of the last `data` are done with.
    std::size_t consumed() const noexcept { return consumed_; }
    /// If none is complete: how many bytes have to be there.
    std::size_t wanted() const noexcept { return wanted_; }
    /// If none is complete: where what is missing of a frame can be received, and need not be copied; valid
    /// until the next call. Empty if that cannot be, or is less than `at_least` bytes.
    std::span<char> room(std::size_t at_least);
    /// So much was received there.
    void received(std::size_t count);
    /// A ping, pong or close may come between the pieces of a text or bytes.
    WSMessage& message() noexcept { return message_; }

private:
    bool begin_frame(std::string_view data);
    void check_frame() const;
    void take_control(std::string_view payload);
    void take_data(std::string_view payload);
    char* grow(std::size_t size);
    void forget_room() { data_.resize(data_.size() - std::exchange(room_, 0)); }
    void check_text(std::size_t from);
    void finish_data();

    const std::size_t most_;
    const bool masked_;
    bool in_frame_ = false;
    bool compressed_ = false;                   ///< the message that is put together
    WSMsgType type_ = WSMsgType::continuation;  ///< its type; continuation if there is none
    FrameHead frame_;
    std::uint64_t left_ = 0;  ///< of the frame
    std::size_t consumed_ = 0;
    std::uint32_t wanted_ = 2;
    std::uint32_t room_ = 0;  ///< at the end of `data_`, where nothing has been received yet
    std::string data_;        ///< of the message that is put together
    Utf8Validator text_;
    std::optional<MessageInflater> inflater_;
    WSMessage message_;
};

}  // namespace aio::http::detail
