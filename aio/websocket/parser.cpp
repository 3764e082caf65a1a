// SPDX-License-Identifier: MIT
#include <aio/streams/detail/stream_buffer.hpp>
#include <aio/websocket/parser_impl.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace aio::http::detail {
namespace {

/// Unmasked on the stack before it is decompressed.
constexpr std::size_t kUnmaskedAtOnce = 4096;

/// How much memory a message gets before it is there.
constexpr std::uint64_t kReserved = 64 * 1024;

/// How much is received at once.
constexpr std::uint64_t kMostRoom = 1024 * 1024 * 1024;

[[noreturn]] void refuse(int code, const std::string& what) { throw WebSocketError(code, what); }

}  // namespace

WebSocketParser::WebSocketParser(bool masked, std::size_t most) noexcept
    : most_(most == 0 ? std::numeric_limits<std::size_t>::max() - 1 : most), masked_(masked) {}

bool WebSocketParser::parse(BytesView data) {
    consumed_ = 0;
    forget_room();
    for (;;) {
        const std::string_view rest = data.text().substr(consumed_);
        if (!in_frame_ && !begin_frame(rest)) return false;
        const std::string_view payload = data.text().substr(consumed_);
        if (frame_.is_control()) {
            if (payload.size() < left_) {
                wanted_ = static_cast<std::uint32_t>(left_);
                return false;
            }
            in_frame_ = false;
            consumed_ += static_cast<std::size_t>(left_);
            take_control(payload.substr(0, static_cast<std::size_t>(left_)));
            return true;
        }
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, payload.size()));
        consumed_ += size;
        take_data(payload.substr(0, size));
        left_ -= size;
        if (left_ > 0) {
            wanted_ = 1;
            return false;
        }
        in_frame_ = false;
        if (frame_.fin) {
            finish_data();
            return true;
        }
    }
}

bool WebSocketParser::begin_frame(std::string_view data) {
    wanted_ = static_cast<std::uint32_t>(frame_head_size(data));
    if (data.size() < wanted_) return false;
    frame_ = read_frame_head(data.substr(0, wanted_), inflater_.has_value());
    consumed_ += wanted_;
    left_ = frame_.size;
    check_frame();
    in_frame_ = true;
    return true;
}

void WebSocketParser::check_frame() const {
    // Of what a script can choose nothing may reach a proxy unmasked, and no proxy may take an answer for one
    // of its own (RFC 6455, 5.1).
    if (frame_.key.has_value() != masked_)
        refuse(WSCloseCode::protocol_error,
               masked_ ? "a frame that is not masked" : "a frame that is masked");
    if (frame_.is_control()) return;
    const bool begins = frame_.opcode != 0;
    if (begins == (type_ != WSMsgType::continuation)) {
        refuse(WSCloseCode::protocol_error,
               begins ? "a message within another one" : "the continuation of no message");
    }
    if (!(begins ? frame_.compressed : compressed_) && frame_.size > most_ - data_.size())
        refuse(WSCloseCode::message_too_big, "a message has more than " + std::to_string(most_) + " bytes");
}

void WebSocketParser::take_control(std::string_view payload) {
    std::string data(payload);
    if (frame_.key) apply_mask(data.data(), data.data(), data.size(), *frame_.key, 0);
    const auto type = static_cast<WSMsgType>(frame_.opcode);
    if (type != WSMsgType::close) {
        message_ = WSMessage(type, std::move(data));
        return;
    }
    if (data.empty()) {
        message_ = WSMessage(type, std::move(data), WSCloseCode::no_status);
        return;
    }
    if (data.size() == 1) refuse(WSCloseCode::protocol_error, "a close frame with half a code");
    const int code = static_cast<unsigned char>(data[0]) << 8 | static_cast<unsigned char>(data[1]);
    if (!is_close_code(code))
        refuse(WSCloseCode::protocol_error, "a close frame with the code " + std::to_string(code));
    data.erase(0, 2);
    Utf8Validator reason;
    if (!reason.feed(data) || !reason.complete())
        refuse(WSCloseCode::invalid_text, "a close frame whose reason is not UTF-8");
    message_ = WSMessage(type, std::move(data), code);
}

// Also of no bytes, where a message begins.
void WebSocketParser::take_data(std::string_view payload) {
    if (type_ == WSMsgType::continuation) {
        type_ = static_cast<WSMsgType>(frame_.opcode);
        compressed_ = frame_.compressed;
        text_ = Utf8Validator();
    }
    const std::uint64_t at = frame_.size - left_;
    if (!compressed_) {
        const std::size_t before = data_.size();
        // It is only said that so much comes.
        if (before == 0 && frame_.fin) {
            data_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(frame_.size, kReserved)));
        }
        if (frame_.key) {
            apply_mask(grow(payload.size()), payload.data(), payload.size(), *frame_.key, at);
        } else {
            data_.append(payload);
        }
        return check_text(before);
    }
    for (std::size_t done = 0; done < payload.size();) {
        char plain[kUnmaskedAtOnce];
        const std::size_t size = payload.copy(plain, kUnmaskedAtOnce, done);
        if (frame_.key) apply_mask(plain, plain, size, *frame_.key, at + done);
        done += size;
        const std::size_t before = data_.size();
        try {
            inflater_->inflate({plain, size}, data_, most_);
        } catch (const WebSocketError&) {
            check_text(before);  // what is wrong first counts, however the bytes were cut
            throw;
        }
        check_text(before);
    }
}

// Memory for `size` bytes more, which have no value yet.
char* WebSocketParser::grow(std::size_t size) {
    const std::size_t before = data_.size();
    const std::size_t all = before + size;
    if (all > data_.capacity()) data_.reserve(std::max(all, 2 * data_.capacity()));
    aio::detail::grow_uninitialized(data_, all);
    return data_.data() + before;
}

std::span<char> WebSocketParser::room(std::size_t at_least) {
    forget_room();
    if (!in_frame_ || frame_.is_control() || compressed_ || left_ < at_least) return {};
    const std::uint64_t size = std::min({left_, std::max<std::uint64_t>(kReserved, data_.size()), kMostRoom});
    room_ = static_cast<std::uint32_t>(size);
    return {grow(room_), room_};
}

void WebSocketParser::received(std::size_t count) {
    const std::size_t before = data_.size() - room_;
    room_ -= static_cast<std::uint32_t>(count);
    forget_room();
    if (frame_.key) {
        char* const bytes = data_.data() + before;
        apply_mask(bytes, bytes, count, *frame_.key, frame_.size - left_);
    }
    left_ -= count;
    check_text(before);
}

void WebSocketParser::check_text(std::size_t from) {
    if (type_ != WSMsgType::text) return;
    if (!text_.feed(std::string_view(data_).substr(from)))
        refuse(WSCloseCode::invalid_text, "a text that is not UTF-8");
}

void WebSocketParser::finish_data() {
    if (compressed_) {
        const std::size_t before = data_.size();
        inflater_->finish(data_, most_);
        check_text(before);
    }
    if (type_ == WSMsgType::text && !text_.complete())
        refuse(WSCloseCode::invalid_text, "a text that ends within a character");
    message_ = WSMessage(std::exchange(type_, WSMsgType::continuation), std::exchange(data_, {}));
}

}  // namespace aio::http::detail
