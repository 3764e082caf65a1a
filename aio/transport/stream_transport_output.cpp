// SPDX-License-Identifier: MIT
// Output of stream transports. The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/transport/stream_transport_impl.hpp>

#include <algorithm>
#include <array>
#include <cerrno>

namespace aio {
namespace {

// What is gathered at most before it is sent.
constexpr std::size_t kMostGathered = 64 * 1024;

BytesView view_of(BytesView piece) noexcept { return piece; }
BytesView view_of(const WritePiece& piece) noexcept { return piece.view(); }

}  // namespace

// There is nothing to write, or nobody to write to.
void StreamTransport::refuse(std::size_t size, const char* operation) {
    if (state_ & kEofWritten) {
        throw RuntimeError(std::string("Cannot call ") + operation +
                           (can_write_eof() ? "() after write_eof()" : "(): the transport is for reading"));
    }
    if ((state_ & (kHeld | kLost)) == kHeld) throw RuntimeError("unable to write; sendfile is in progress");
    constexpr std::uint32_t kWarnFrom = 5;
    if (size > 0 && ++ignored_writes_ >= kWarnFrom) log(LogLevel::warning, "socket.send() raised exception.");
}

// --- gathering ------------------------------------------------------------------------------------

// Whether `size` bytes are to be offered to the channel now; else they join the queue.
inline bool StreamTransport::may_send_now(std::size_t size) {
    const std::size_t step = loop_->ready().step();
    const bool same_step = std::exchange(last_step_, step) == step;
    if (!same_step && !queue_) [[likely]]
        return true;
    return may_send_after_all(size, same_step);
}

bool StreamTransport::may_send_after_all(std::size_t size, bool same_step) {
    loop_->check_thread();
    if (state_ & kGathering) {
        if (queue_->size() + size <= gather_limit()) return false;
        send_gathered();
        if (state_ & kNotWriting) refuse(size, "write");
    }
    if (queue_ || (state_ & kNotWriting)) return false;
    return !same_step || (state_ & kImmediate) || size > gather_limit() || !begin_gathering();
}

std::size_t StreamTransport::gather_limit() const noexcept {
    return std::min(kMostGathered, flow_.limits().high);
}

bool StreamTransport::begin_gathering() noexcept {
    if (!loop_->parts().step_end.add(*loop_, *this)) return false;
    state_ |= kGathering;
    return true;
}

void StreamTransport::step_ended() {
    const detail::ContextScope scope(context_);
    send_gathered();
}

void StreamTransport::send_all_now() {
    if (state_ & kGathering) send_gathered();
    if (!(state_ & kDeferred) || loop_->inherited()) return;
    if (!send_deferred()) {
        send_failed();
        return;
    }
    state_ &= ~kDeferred;
    if (queue_ || (state_ & (kClosing | kEofWritten)))
        write_again();  // the channel has nothing left to tell of
}

void StreamTransport::send_gathered() {
    if (loop_->inherited()) {  // a forked child: the parent sends it
        end_gathering();
        const auto parents = std::move(queue_);
        return;
    }
    if (send_queue()) lose(nullptr);
}

void StreamTransport::set_gather_writes(bool on) {
    settle();
    state_ = on ? state_ & ~kImmediate : state_ | kImmediate;
}

// As if something had been written in this step.
void StreamTransport::gather_this_step() { last_step_ = loop_->ready().step(); }

std::size_t StreamTransport::get_write_buffer_size() const {
    const_cast<StreamTransport*>(this)->settle();  // nobody can tell that it was not sent at once
    return unsent();
}

// --- writing --------------------------------------------------------------------------------------

void StreamTransport::write(BytesView data) {
    if (data.empty() || (state_ & kNotWriting)) [[unlikely]] {
        refuse(data.size(), "write");
        return;
    }
    const ssize_t sent = may_send_now(data.size()) ? send_now(data) : 0;
    if (sent != static_cast<ssize_t>(data.size())) [[unlikely]]
        keep_rest(data, sent);
}

// Apart, so that the usual case has a small frame.
void StreamTransport::keep_rest(BytesView data, ssize_t result) {
    const std::size_t sent = accepted(result);
    if (state_ & kNotWriting) return;
    keep(sent > 0, [&](detail::WriteQueue& queue) { queue.copy(data.subview(sent)); });
}

void StreamTransport::write(std::string&& data) {
    if (data.empty() || (state_ & kNotWriting)) {
        refuse(data.size(), "write");
        return;
    }
    const std::size_t sent = may_send_now(data.size()) ? accepted(send_now(BytesView(data))) : 0;
    if (sent == data.size() || (state_ & kNotWriting)) return;
    keep(sent > 0, [&](detail::WriteQueue& queue) { queue.keep(std::move(data), sent); });
}

void StreamTransport::write(BytesView data, std::shared_ptr<const void> owner) {
    if (data.empty() || (state_ & kNotWriting)) {
        refuse(data.size(), "write");
        return;
    }
    const std::size_t sent = may_send_now(data.size()) ? accepted(send_now(data)) : 0;
    if (sent == data.size() || (state_ & kNotWriting)) return;
    keep(sent > 0, [&](detail::WriteQueue& queue) { queue.keep(data.subview(sent), std::move(owner)); });
}

void StreamTransport::writelines(std::span<const BytesView> pieces) { write_pieces(pieces); }
void StreamTransport::writelines(std::span<WritePiece> pieces) { write_pieces(pieces); }

template <class Piece>
void StreamTransport::write_pieces(std::span<Piece> pieces) {
    std::size_t total = 0;
    for (const Piece& piece : pieces) total += view_of(piece).size();
    if (total == 0 || (state_ & kNotWriting)) {
        refuse(total, "writelines");
        return;
    }

    std::size_t at = 0;    // the first piece that is not sent completely
    std::size_t sent = 0;  // how much of it is
    bool all = may_send_now(total);
    while (all && !queue_ && at < pieces.size()) {
        std::array<iovec, detail::WriteQueue::kMaxPieces> vectors;
        std::size_t count = 0;
        std::size_t asked = 0;
        for (std::size_t i = at; i < pieces.size() && count < vectors.size(); ++i) {
            const BytesView piece = view_of(pieces[i]);
            if (piece.empty()) continue;
            vectors[count++] = {const_cast<char*>(piece.data()), piece.size()};
            asked += piece.size();
        }
        std::size_t took = accepted(send_now(std::span<const iovec>(vectors.data(), count)));
        if (state_ & kLost) return;
        all = took == asked;
        while (at < pieces.size() && took >= view_of(pieces[at]).size()) took -= view_of(pieces[at++]).size();
        sent = took;
    }
    if (at == pieces.size() || (state_ & kNotWriting)) return;
    keep(at > 0 || sent > 0, [&](detail::WriteQueue& queue) { queue.add(pieces.subspan(at), sent); });
}

// How many bytes the channel took. After an error other than "not now" the connection is lost.
std::size_t StreamTransport::send_failed() {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno == EINTR) {  // there will be no edge
        write_again();
        return 0;
    }
    state_ |= kFailing;  // or an exception handler that writes comes back here, again and again
    fatal_error(system_error("write to"), "Fatal write error on ", kind());
    return 0;
}

// Has `add` put the rest of a write into the queue. If there is no memory for it, and a part is on its way,
// the stream is broken.
template <class F>
void StreamTransport::keep(bool part, F&& add) {
    try {
        if (!queue_) queue_ = std::make_unique<detail::WriteQueue>();
        add(*queue_);
    } catch (...) {
        rest_is_lost(part);
        throw;
    }
    if (!(state_ & kGathering)) pause_protocol_if_full();
}

void StreamTransport::rest_is_lost(bool part) {
    if (queue_ && queue_->empty()) queue_ = nullptr;  // rule 1
    if (!queue_) end_gathering();
    if (part) force_close(std::current_exception());
}

void StreamTransport::write_ready() {
    state_ &= ~kWritable;
    if (!send_queue()) return;
    state_ |= kLost;
    stop_channel();
    end();
}

// Sends, and does what is due then. Whether the connection was closed and everything is sent.
bool StreamTransport::send_queue() {
    end_gathering();
    const bool took_all = flush();
    if (state_ & kLost) return false;
    resume_protocol_if_low();  // may write
    if (state_ & (kLost | kGathering)) return false;
    if (queue_) {
        if (took_all) write_again();
        pause_protocol_if_full();
        return false;
    }
    if (state_ & kDeferred) return false;
    if (state_ & kClosing) return true;
    if (state_ & kEofWritten) shut_down_writing();
    return false;
}

// Sends what one call takes. Whether the channel took all that it was offered, so that no edge will come.
bool StreamTransport::flush() {
    if (!queue_ || queue_->empty()) return true;
    std::array<iovec, detail::WriteQueue::kMaxPieces> vectors;
    const std::size_t count = queue_->gather(vectors);
    std::size_t offered = 0;
    for (std::size_t i = 0; i < count; ++i) offered += vectors[i].iov_len;
    const std::size_t sent =
        accepted(count == 1 ? send_now(BytesView(static_cast<const char*>(vectors[0].iov_base), offered))
                            : send_now(std::span<const iovec>(vectors.data(), count)));
    if (state_ & kLost) return false;
    queue_->consume(sent);
    if (queue_->empty()) {
        const auto done = std::move(queue_);  // rule 4 of TransportCore
    } else {
        while (queue_ && queue_->take_sent()) {
        }
    }
    return sent == offered;
}

void StreamTransport::write_eof() {
    if (state_ & (kClosing | kEofWritten)) return;
    settle();
    if (state_ & (kClosing | kEofWritten)) return;
    state_ |= kEofWritten;
    if (all_sent()) shut_down_writing();
}

// --- flow control ---------------------------------------------------------------------------------

void StreamTransport::set_write_buffer_limits(std::optional<std::size_t> high,
                                              std::optional<std::size_t> low) {
    flow_.set_limits(high, low);
    settle();
    pause_protocol_if_full();
}

void StreamTransport::pause_protocol_if_full() {
    if (flow_.pauses_at(unsent())) call_pause_writing();
}

void StreamTransport::resume_protocol_if_low() {
    if (flow_.resumes_at(unsent())) call_resume_writing();
}

}  // namespace aio
