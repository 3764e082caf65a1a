// SPDX-License-Identifier: MIT
// Input and output of the socket transport. The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>
#include <aio/net/socket_transport_impl.hpp>
#include <aio/transport/detail/read_buffer.hpp>

#include <array>
#include <cerrno>

namespace aio {

void SocketTransport::on_events(std::uint32_t events) noexcept {
    // Nearly always: something to read on an idle connection.
    if (events == (detail::io::readable | detail::io::writable) && !(state_ & (kNotReading | kQueued)) &&
        !queue_) [[likely]] {
        state_ |= kReadable | kQueued;
        loop_->ready().push(*this);
        return;
    }
    on_other_events(events);
}

void SocketTransport::on_other_events(std::uint32_t events) noexcept {
    constexpr std::uint32_t kEnd = detail::io::peer_closed | detail::io::hangup | detail::io::error;
    if (events & (detail::io::readable | kEnd)) state_ |= kReadable;
    if (events & (kEnd | detail::io::urgent)) state_ |= kReadToEnd;
    bool work = has_input();
    if (queue_ && (events & (detail::io::writable | detail::io::hangup | detail::io::error))) {
        state_ |= kWritable;
        work = true;
    }
    if (work) enqueue();
}

void SocketTransport::discard() noexcept {
    state_ &= ~kQueued;
    // The poller does not know of it; one that is lost is its closer's, which is queued too.
    if ((state_ & (kUnwatched | kLost)) == kUnwatched) loop_closed();
}

// --- input ----------------------------------------------------------------------------------------

// As recv(), which cannot tell that descriptors or credentials were attached to what it gave. There is no
// room for them, so the kernel drops them and says so.
ssize_t SocketTransport::receive_message(std::span<char> buffer) noexcept {
    iovec vector{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    const ssize_t result = ::recvmsg(descriptor(), &message, 0);
    if (message.msg_flags & MSG_CTRUNC) state_ |= kReadToEnd;
    return result;
}

inline void SocketTransport::read_ready() {
    BufferedProtocol* const target = buffered_;
    std::span<char> buffer;
    if (target) {
        try {
            buffer = target->get_buffer(0);
            if (buffer.empty()) throw RuntimeError("get_buffer() returned an empty buffer");
        } catch (...) {
            callback_failed("Fatal error: protocol.get_buffer() call failed.");
            return;
        }
        if (!has_input()) return;
    } else {
        try {
            buffer = detail::shared_read_buffer();
        } catch (...) {  // out of memory
            fatal_error(std::current_exception(), "Fatal read error on socket transport");
            return;
        }
    }

    const ssize_t result = state_ & kAttachments ? receive_message(buffer)
                                                 : ::recv(descriptor(), buffer.data(), buffer.size(), 0);
    if (result <= 0) [[unlikely]] {
        read_failed(result == 0);
        return;
    }
    const auto count = static_cast<std::size_t>(result);
    if (count < buffer.size() && !(state_ & (kReadToEnd | kUntrusted))) state_ &= ~kReadable;  // rule 2
    try {
        if (target) {
            target->buffer_updated(count);
        } else {
            plain_->data_received(BytesView(buffer.data(), count));
        }
    } catch (...) {
        callback_failed(target ? "Fatal error: protocol.buffer_updated() call failed."
                               : "Fatal error: protocol.data_received() call failed.");
        return;
    }
    if (has_input()) enqueue();
}

void SocketTransport::run() {
    state_ &= ~kQueued;
    const detail::ContextScope scope(context_);
    if (state_ & kUnwatched) [[unlikely]] {
        start();
        return;
    }
    if (has_input()) read_ready();
    if (state_ & kWritable) write_ready();  // last: may be the end of this object
}

void SocketTransport::read_failed(bool end_of_file) {
    if (end_of_file) {
        eof_received();
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        state_ &= ~(kReadable | kReadToEnd);
    } else if (errno == EINTR) {
        enqueue();
    } else {
        fatal_error(system_error("read from"), "Fatal read error on socket transport");
    }
}

void SocketTransport::eof_received() {
    state_ |= kEofReceived;
    bool keep_open = false;
    try {
        keep_open = protocol_->eof_received();
    } catch (...) {
        if (detail::handling_exit_exception()) state_ &= ~kEofReceived;  // is told again
        callback_failed("Fatal error: protocol.eof_received() call failed.");
        return;
    }
    if (!keep_open) close();
}

void SocketTransport::pause_reading() {
    if (!is_reading()) return;
    loop_->check_thread();
    state_ |= kPaused;
}

void SocketTransport::resume_reading() {
    if ((state_ & (kPaused | kClosing)) != kPaused) return;
    loop_->check_thread();
    state_ &= ~kPaused;
    if (has_input()) enqueue();  // an edge may have come in between
}

// --- output ---------------------------------------------------------------------------------------

// There is nothing to write, or nobody to write to.
void SocketTransport::refuse(std::size_t size, const char* operation) {
    if (state_ & kEofWritten) {
        throw RuntimeError(std::string("Cannot call ") + operation + "() after write_eof()");
    }
    constexpr std::uint32_t kWarnFrom = 5;
    if (size > 0 && ++ignored_writes_ >= kWarnFrom) log(LogLevel::warning, "socket.send() raised exception.");
}

void SocketTransport::write(BytesView data) {
    if (data.empty() || (state_ & kNotWriting)) [[unlikely]] {
        refuse(data.size(), "write");
        return;
    }
    const std::size_t sent = queue_ ? 0 : send(data);
    if (sent == data.size() || (state_ & kLost)) return;
    keep(sent > 0, [&](detail::WriteQueue& queue) { queue.copy(data.subview(sent)); });
}

void SocketTransport::write(std::string&& data) {
    if (data.empty() || (state_ & kNotWriting)) {
        refuse(data.size(), "write");
        return;
    }
    const std::size_t sent = queue_ ? 0 : send(BytesView(data));
    if (sent == data.size() || (state_ & kLost)) return;
    keep(sent > 0, [&](detail::WriteQueue& queue) { queue.keep(std::move(data), sent); });
}

void SocketTransport::write(BytesView data, std::shared_ptr<const void> owner) {
    if (data.empty() || (state_ & kNotWriting)) {
        refuse(data.size(), "write");
        return;
    }
    const std::size_t sent = queue_ ? 0 : send(data);
    if (sent == data.size() || (state_ & kLost)) return;
    keep(sent > 0, [&](detail::WriteQueue& queue) { queue.keep(data.subview(sent), std::move(owner)); });
}

void SocketTransport::writelines(std::span<const BytesView> pieces) {
    std::size_t total = 0;
    for (const BytesView piece : pieces) total += piece.size();
    if (total == 0 || (state_ & kNotWriting)) {
        refuse(total, "writelines");
        return;
    }

    std::size_t at = 0;    // the first piece that is not sent completely
    std::size_t sent = 0;  // how much of it is
    while (!queue_ && at < pieces.size()) {
        std::array<iovec, detail::WriteQueue::kMaxPieces> vectors;
        std::size_t count = 0;
        std::size_t asked = 0;
        for (std::size_t i = at; i < pieces.size() && count < vectors.size(); ++i) {
            vectors[count++] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
            asked += pieces[i].size();
        }
        std::size_t accepted = send(std::span<const iovec>(vectors.data(), count));
        if (state_ & kLost) return;
        const bool all = accepted == asked;
        while (at < pieces.size() && accepted >= pieces[at].size()) accepted -= pieces[at++].size();
        sent = accepted;
        if (!all) break;
    }
    if (at == pieces.size()) return;
    bool part = at > 0 || sent > 0;
    keep(part, [&](detail::WriteQueue& queue) {
        for (; at < pieces.size(); ++at, part = true) {
            queue.copy(pieces[at].subview(sent));
            sent = 0;
        }
    });
}

// How many bytes the system took. After an error other than "not now" the connection is lost.
std::size_t SocketTransport::send(BytesView data) {
    const ssize_t sent = ::send(descriptor(), data.data(), data.size(), MSG_NOSIGNAL);
    return sent >= 0 ? static_cast<std::size_t>(sent) : send_failed();
}

std::size_t SocketTransport::send(std::span<const iovec> pieces) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    const ssize_t sent = ::sendmsg(descriptor(), &message, MSG_NOSIGNAL);
    return sent >= 0 ? static_cast<std::size_t>(sent) : send_failed();
}

std::size_t SocketTransport::send_failed() {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno == EINTR) {  // there will be no edge
        write_again();
        return 0;
    }
    state_ |= kFailing;  // or an exception handler that writes comes back here, again and again
    fatal_error(system_error("write to"), "Fatal write error on socket transport");
    return 0;
}

// Has `add` put the rest of a write into the queue. If there is no memory for it, and a part is on its way,
// the stream is broken.
template <class F>
void SocketTransport::keep(const bool& part, F&& add) {
    try {
        if (!queue_) queue_ = std::make_unique<detail::WriteQueue>();
        add(*queue_);
    } catch (...) {
        rest_is_lost(part);
        throw;
    }
    pause_protocol_if_full();
}

void SocketTransport::rest_is_lost(bool part) {
    if (queue_ && queue_->empty()) queue_ = nullptr;  // rule 3
    if (part) {
        force_close(std::current_exception());
    } else if (!queue_ && (state_ & (kClosing | kLost)) == kClosing) {
        lose(nullptr);  // an owner's deleter has closed it
    }
}

void SocketTransport::write_ready() {
    state_ &= ~kWritable;
    const bool took_all = flush();
    if (state_ & kLost) return;
    resume_protocol_if_low();  // may write
    if (state_ & kLost) return;
    if (queue_) {
        if (took_all) write_again();
    } else if (state_ & kClosing) {
        state_ |= kLost;
        loop_->poller().remove(*this);
        end();
    } else if (state_ & kEofWritten) {
        shut_down_writing();
    }
}

// Sends what one call takes. Whether the socket took all that it was offered, so that no edge will come.
bool SocketTransport::flush() {
    if (!queue_) return true;
    std::array<iovec, detail::WriteQueue::kMaxPieces> vectors;
    const std::size_t count = queue_->gather(vectors);
    std::size_t offered = 0;
    for (std::size_t i = 0; i < count; ++i) offered += vectors[i].iov_len;
    const std::size_t sent = send(std::span<const iovec>(vectors.data(), count));
    if (state_ & kLost) return false;
    queue_->consume(sent);
    if (queue_->empty()) {
        const auto done = std::move(queue_);  // rule 7
    } else {
        while (queue_ && queue_->take_sent()) {
        }
    }
    return sent == offered;
}

void SocketTransport::write_eof() {
    if (state_ & (kClosing | kEofWritten)) return;
    state_ |= kEofWritten;
    if (!queue_) shut_down_writing();
}

// Fails only if the connection is gone, which reading will find out.
void SocketTransport::shut_down_writing() noexcept { ::shutdown(descriptor(), SHUT_WR); }

void SocketTransport::set_write_buffer_limits(std::optional<std::size_t> high,
                                              std::optional<std::size_t> low) {
    limits_ = detail::checked_limits(high, low);
    pause_protocol_if_full();
}

void SocketTransport::pause_protocol_if_full() {
    if ((state_ & kWritingPaused) || get_write_buffer_size() <= limits_.high) return;
    state_ |= kWritingPaused;
    try {
        protocol_->pause_writing();
    } catch (...) {
        if (detail::handling_exit_exception()) throw;
        report("protocol.pause_writing() failed", std::current_exception());
    }
}

void SocketTransport::resume_protocol_if_low() {
    if (!(state_ & kWritingPaused) || get_write_buffer_size() > limits_.low) return;
    state_ &= ~kWritingPaused;
    try {
        protocol_->resume_writing();
    } catch (...) {
        if (detail::handling_exit_exception()) {
            write_again();  // goes on if the loop is run again
            throw;
        }
        report("protocol.resume_writing() failed", std::current_exception());
    }
}

}  // namespace aio
