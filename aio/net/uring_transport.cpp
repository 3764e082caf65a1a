// SPDX-License-Identifier: MIT
// The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/net/uring_transport_impl.hpp>

#include <cerrno>
#include <utility>

namespace aio {

// How many of the ring's buffers may wait here until receiving stops for a while: they are everybody's.
constexpr unsigned kMostBuffers = 8;

static_assert(sizeof(UringTransport) <= pool::kMaxBlock);

UringTransport::UringTransport(EventLoop& loop, Socket&& socket, std::shared_ptr<BaseProtocol> protocol,
                               SocketTransportOptions&& options)
    : SocketTransportBase(loop, socket.fileno(), std::move(options)), deferring_(loop.parts().defer_writes) {
    set_up(std::move(protocol));
    channel_ = &poller().open(descriptor(), *this);
    try {
        enqueue();
    } catch (...) {
        stop_channel();
        throw;
    }
    // From here on nothing fails, and the socket is the transport's.
    begin();
    socket.detach();
}

UringTransport::~UringTransport() = default;

void UringTransport::open_channel() {
    if (!(state_ & kNotReading)) channel_->start_reading();
}

void UringTransport::stop_channel() noexcept {
    if ((state_ & kDeferred) && !loop_->inherited()) channel_->send_deferred();
    state_ &= ~kDeferred;
    if (channel_) poller().give_up(*std::exchange(channel_, nullptr));
}

void UringTransport::close_channel() noexcept {
    poller().settle();
    close_socket();
}

void UringTransport::run() {
    state_ &= ~kQueued;
    const detail::ContextScope scope(context_);
    if (state_ & kUnopened) [[unlikely]] {
        start();
        if (channel_ && ((state_ & kWritable) || channel_->error())) enqueue();  // written before
        return;
    }
    if (has_input()) {
        read_ready();
    } else if (channel_ && (state_ & kReadable)) {
        set_aside();
    }
    if (channel_ && channel_->error()) [[unlikely]] {
        errno = channel_->error();
        send_failed();
        return;
    }
    if (state_ & kWritable) write_ready();  // last: may be the end of this object
}

// --- input ----------------------------------------------------------------------------------------

void UringTransport::on_input() noexcept {
    state_ |= kReadable;
    if (!(state_ & kNotReading)) [[likely]] {
        if (channel_->buffers() > kMostBuffers) [[unlikely]]
            channel_->stop_reading();
        enqueue();
        return;
    }
    set_aside();
}

// Input that is not wanted now does not keep the ring's buffers.
void UringTransport::set_aside() noexcept {
    channel_->stop_reading();
    if (state_ & (kClosing | kEofReceived)) {
        channel_->drop_input();
    } else {
        channel_->hold();
    }
}

void UringTransport::read_ready() {
    if (!channel_->has_input()) {
        if (!channel_->has_end()) {
            state_ &= ~kReadable;
        } else if (channel_->end() == 0) {
            deliver_eof();
        } else {
            errno = channel_->end();
            fatal_error(system_error("read from"), "Fatal read error on ", kind());
        }
        return;
    }
    struct Delivery {  // also if an exception leaves the loop
        UringTransport& transport;
        detail::UringPiece piece;
        std::size_t taken = 0;
        ~Delivery() { transport.delivered(piece, taken); }
    } delivery{*this, channel_->take()};
    deliver(delivery.piece.data(), delivery.taken);
}

void UringTransport::delivered(detail::UringPiece& piece, std::size_t taken) noexcept {
    if (!channel_) return;
    channel_->put_back(piece, taken);
    if (!channel_->has_input() && !channel_->has_end()) {
        state_ &= ~kReadable;
        if (!(state_ & kNotReading)) channel_->start_reading();
    } else if (has_input()) {
        enqueue();
    } else {
        set_aside();
    }
}

void UringTransport::pause_reading() {
    StreamTransport::pause_reading();
    if (channel_ && (state_ & kPaused)) channel_->stop_reading();
}

void UringTransport::resume_reading() {
    StreamTransport::resume_reading();
    // What is held comes first, or a reader that is slow would have more and more of it.
    if (channel_ && !(state_ & (kNotReading | kReadable))) channel_->start_reading();
}

// --- output ---------------------------------------------------------------------------------------

void UringTransport::on_output() noexcept {
    if (!channel_->has_output()) state_ &= ~kDeferred;
    if (unsent() == 0 && !(state_ & (kClosing | kEofWritten)) && !channel_->error()) [[likely]]
        return;
    state_ |= kWritable;
    enqueue();
}

// What goes before must be sent before.
inline bool UringTransport::defers(std::size_t size) const noexcept {
    return channel_->has_output() ||
           (deferring_ && size <= detail::UringChannel::kMostDeferred && !(state_ & kImmediate));
}

ssize_t UringTransport::defer(std::span<const iovec> pieces) noexcept {
    std::size_t taken = 0;
    for (const iovec& piece : pieces) {
        const std::size_t count =
            channel_->defer(BytesView(static_cast<const char*>(piece.iov_base), piece.iov_len));
        taken += count;
        if (count < piece.iov_len) break;
    }
    if (channel_->has_output()) {
        state_ |= kDeferred;
    } else {
        channel_->wait_for_output();  // there was no memory
    }
    errno = EAGAIN;
    return taken > 0 ? static_cast<ssize_t>(taken) : -1;
}

// What the socket has not taken waits until it takes more.
inline ssize_t UringTransport::sent(ssize_t result, std::size_t size) noexcept {
    if (result == static_cast<ssize_t>(size)) [[likely]]
        return result;
    if (result >= 0 || errno == EAGAIN) channel_->wait_for_output();
    return result;
}

ssize_t UringTransport::send_now(BytesView data) noexcept {
    if (defers(data.size())) {
        const iovec piece{const_cast<char*>(data.data()), data.size()};
        return defer(std::span(&piece, 1));
    }
    return sent(::send(descriptor(), data.data(), data.size(), MSG_NOSIGNAL), data.size());
}

ssize_t UringTransport::send_now(std::span<const iovec> pieces) noexcept {
    std::size_t size = 0;
    for (const iovec& piece : pieces) size += piece.iov_len;
    if (defers(size)) return defer(pieces);
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    return sent(::sendmsg(descriptor(), &message, MSG_NOSIGNAL), size);
}

}  // namespace aio
