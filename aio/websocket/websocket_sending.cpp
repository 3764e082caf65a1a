// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/streams/detail/stream_buffer.hpp>
#include <aio/task/sleep.hpp>
#include <aio/websocket/websocket_state_impl.hpp>

#include <array>
#include <span>
#include <utility>

namespace aio::http::detail {
namespace {

/// A frame up to this size goes out in one piece with its head.
constexpr std::size_t kCopied = 1024;

/// Compression works in the loop's thread: others have a turn after so much.
constexpr std::size_t kCompressedAtOnce = std::size_t{64} * 1024;

/// A message that the compressor has seen, and the peer has not, however that ends.
class Unsent {
public:
    explicit Unsent(MessageDeflater& deflater) noexcept : deflater_(&deflater) {}
    Unsent(const Unsent&) = delete;
    Unsent& operator=(const Unsent&) = delete;
    ~Unsent() {
        if (deflater_) deflater_->forget();
    }
    void is_sent() noexcept { deflater_ = nullptr; }

private:
    MessageDeflater* deflater_;
};

}  // namespace

/// Somebody compresses piece by piece, or waits for that.
class WebSocketState::Compressing {
public:
    explicit Compressing(Compression& compression) noexcept : compression_(compression) {
        ++compression_.senders;
    }
    Compressing(const Compressing&) = delete;
    Compressing& operator=(const Compressing&) = delete;
    ~Compressing() { --compression_.senders; }

private:
    Compression& compression_;
};

void Outgoing::check() const {
    const bool is_control = type == WSMsgType::ping || type == WSMsgType::pong;
    if (!is_data() && !is_control) throw ValueError("a frame of that type cannot be sent");
    if (is_control && payload.size() > kMostControl)
        throw ValueError("a control frame cannot carry " + std::to_string(payload.size()) + " bytes");
    if (compress && *compress != 0 && !DeflateParams::is_window(*compress)) {
        throw ValueError(
            "a message is compressed with 9 to 15 bits of window or, by 0, not at all, not with " +
            std::to_string(*compress));
    }
    Utf8Validator text;
    if (type == WSMsgType::text && !(text.feed(payload.text()) && text.complete()))
        throw ValueError("a text to be sent is not UTF-8");
}

void WebSocketState::send(const Outgoing& message) {
    message.check();
    check_open();
    send_checked(message, BytesView());
}

void WebSocketState::check_open() const {
    if (!can_send()) throw ConnectionResetError("Cannot write to closing transport");
}

bool WebSocketState::takes_turns(const Outgoing& message) const noexcept {
    if (!compression_ || !message.is_data()) return false;
    return compression_->senders > 0 || (message.payload.size() > kCompressedAtOnce && message.compress != 0);
}

Coro<> WebSocketState::send_in_turns(std::shared_ptr<WebSocketState> self, Outgoing message) {
    message.check();
    const Compressing compressing(*self->compression_);
    const auto turn = co_await self->compression_->turn.guard();
    if (message.compress == 0) {
        self->check_open();
        self->write_plain(message);
        co_return;
    }
    MessageDeflater& deflater = self->compression_->deflater;
    if (message.compress) deflater.isolate(*message.compress);
    Unsent unsent(deflater);
    std::string coded;
    std::string_view rest = message.payload.text();
    for (; rest.size() > kCompressedAtOnce; rest.remove_prefix(kCompressedAtOnce)) {
        self->check_open();
        deflater.feed(rest.substr(0, kCompressedAtOnce), false, coded);
        co_await sleep(Duration::zero());
    }
    self->check_open();
    deflater.feed(rest, true, coded);
    self->write_compressed(message.type, coded);
    unsent.is_sent();
}

void WebSocketState::send_checked(const Outgoing& message, BytesView plain) {
    // While somebody else's message is compressed this one goes as it is, which a peer has to take.
    if (message.is_data() && compression_ && compression_->senders == 0 && message.compress != 0) {
        MessageDeflater& deflater = compression_->deflater;
        if (message.compress) deflater.isolate(*message.compress);
        Unsent unsent(deflater);
        std::string coded;
        deflater.feed(message.payload.text(), true, coded);
        write_compressed(message.type, coded);
        unsent.is_sent();
    } else if (!plain.empty() && !connection_.client) {
        connection_.writer.write(plain);
    } else {
        write_plain(message);
    }
}

void WebSocketState::write_plain(const Outgoing& message) {
    FrameHead head;
    head.opcode = static_cast<std::uint8_t>(message.type);
    write_frame(head, message.payload);
}

void WebSocketState::write_compressed(WSMsgType type, const std::string& coded) {
    FrameHead head;
    head.opcode = static_cast<std::uint8_t>(type);
    head.compressed = true;
    write_frame(head, BytesView(coded));
}

void WebSocketState::write_frame(FrameHead head, BytesView payload) {
    head.size = payload.size();
    if (masks_) head.key = masks_->next();
    const WrittenHead written(head);
    const std::string_view first = written.text();
    if (payload.size() <= kCopied) {
        std::array<char, WrittenHead::kMost + kCopied> frame;
        first.copy(frame.data(), first.size());
        char* const copy = frame.data() + first.size();
        payload.text().copy(copy, payload.size());
        if (head.key) apply_mask(copy, copy, payload.size(), *head.key, 0);
        connection_.writer.write(BytesView(frame.data(), first.size() + payload.size()));
    } else if (head.key) {
        std::string frame(first);
        aio::detail::grow_uninitialized(frame, first.size() + payload.size());
        apply_mask(frame.data() + first.size(), payload.data(), payload.size(), *head.key, 0);
        connection_.writer.write(std::move(frame));
    } else {
        const std::array<BytesView, 2> pieces{BytesView(first), payload};
        connection_.writer.writelines(std::span<const BytesView>(pieces));
    }
}

void WebSocketState::write_control(WSMsgType type, std::string_view payload) {
    write_plain(Outgoing{type, BytesView(payload)});
}

}  // namespace aio::http::detail
