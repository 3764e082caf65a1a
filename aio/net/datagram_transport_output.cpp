// SPDX-License-Identifier: MIT
// Output of datagram transports. The rules are in the private header.
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/net/datagram_batch_impl.hpp>
#include <aio/net/datagram_transport_impl.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace aio {
namespace {

// What is gathered at most before it is sent.
constexpr std::size_t kMostGathered = 64 * 1024;
// When a Unix socket that is not told of room tries again: soon, then less and less often.
constexpr Duration kFirstRetry = std::chrono::microseconds(50);
constexpr Duration kLastRetry = std::chrono::milliseconds(1);

// What a socket says whose way out cannot cut a message into packets.
bool refuses_joined(int error) {
    return error == EINVAL || error == EIO || error == EMSGSIZE || error == EOPNOTSUPP ||
           error == ENOPROTOOPT;
}

}  // namespace

void SocketDatagramTransport::check_address(const SocketAddress& address) const {
    if (address.empty()) {
        if (!has_peer()) throw ValueError("sendto() needs an address: the endpoint has no peer");
    } else if (has_peer() && !(address == peer_)) {
        throw ValueError("Invalid address: must be None or " + peer_.str());
    }
}

void SocketDatagramTransport::sendto(BytesView data, const SocketAddress& address) {
    loop_->check_thread();
    check_address(address);
    const SocketAddress& to = has_peer() ? peer_ : address;
    if (!(state_ & kNotWriting) && may_send_now(data.size())) {
        const int error = try_to_send(data, to);
        if (error != EAGAIN) {
            if (error != 0) send_failed(error, to);
            return;
        }
    }
    if (state_ & kNotWriting) {
        constexpr std::uint32_t kWarnFrom = 5;
        if (++ignored_ >= kWarnFrom) log(LogLevel::warning, "socket.send() raised exception.");
        return;
    }
    keep(data, to);
}

// Whether it goes out at once; else it joins the queue.
inline bool SocketDatagramTransport::may_send_now(std::size_t size) {
    const std::size_t step = loop_->ready().step();
    const bool same_step = std::exchange(last_step_, step) == step;
    if (!same_step && !queue_ && !(state_ & (kTelling | kStarting))) [[likely]]
        return true;
    return may_send_after_all(size, same_step);
}

bool SocketDatagramTransport::may_send_after_all(std::size_t size, bool same_step) {
    if (state_ & kGathering) {
        const bool fits = queue_->size() + size <= gather_limit();
        if (fits && queue_->count() < detail::OutgoingBatch::kMost) return false;
        send_gathered();
    }
    if (queue_ || (state_ & (kNotWriting | kTelling | kStarting))) return false;
    if (!same_step || (state_ & kImmediate) || size > gather_limit()) return true;
    if (!loop_->parts().step_end.add(*loop_, *this)) return true;
    state_ |= kGathering;
    return false;
}

std::size_t SocketDatagramTransport::gather_limit() const noexcept {
    return std::min(kMostGathered, flow_.limits().high);
}

// 0, or what went wrong.
int SocketDatagramTransport::try_to_send(BytesView data, const SocketAddress& to) noexcept {
    const bool named = !(state_ & kConnected);
    for (;;) {
        const ssize_t sent = ::sendto(descriptor(), data.data(), data.size(), MSG_NOSIGNAL,
                                      named ? to.native() : nullptr, named ? to.native_size() : 0);
        if (sent >= 0) return 0;
        if (errno != EINTR) return errno == EWOULDBLOCK ? EAGAIN : errno;
    }
}

void SocketDatagramTransport::keep(BytesView data, const SocketAddress& to) {
    try {
        if (!queue_) queue_ = std::make_unique<detail::DatagramQueue>();
        queue_->push(data, to);
    } catch (...) {
        if (!queue_ || queue_->empty()) {
            queue_ = nullptr;
            end_gathering();
        }
        throw;
    }
    if (state_ & kGathering) return;
    if (state_ & kTelling) {
        write_again();
    } else if (!(state_ & kWritable)) {
        wait_for_room();
    }
    pause_protocol_if_full();
}

// --- sending what waits ---------------------------------------------------------------------------

void SocketDatagramTransport::step_ended() {
    const detail::ContextScope scope(context_);
    send_gathered();
}

void SocketDatagramTransport::send_gathered() {
    if (loop_->inherited()) {  // a forked child: the parent sends it
        end_gathering();
        queue_ = nullptr;
        return;
    }
    if (send_queue()) lose(nullptr);
}

void SocketDatagramTransport::set_gather_writes(bool on) {
    settle();
    state_ = on ? state_ & ~kImmediate : state_ | kImmediate;
}

std::size_t SocketDatagramTransport::get_write_buffer_size() const {
    const_cast<SocketDatagramTransport*>(this)->settle();  // nobody can tell that it was not sent at once
    return unsent();
}

void SocketDatagramTransport::write_ready() {
    state_ &= ~kWritable;
    if (!send_queue()) return;
    state_ |= kLost;
    stop_channel();
    end();
}

// Sends, and does what is due then. Whether the endpoint was closed and everything is sent.
bool SocketDatagramTransport::send_queue() {
    end_gathering();
    const bool blocked = queue_ && flush();
    if (state_ & kLost) return false;
    resume_protocol_if_low();  // may send
    if (state_ & (kLost | kGathering)) return false;
    if (!queue_) {
        stop_waiting_for_room();
        return (state_ & kClosing) != 0;
    }
    if (blocked) {
        wait_for_room();
    } else {
        write_again();
    }
    pause_protocol_if_full();
    return false;
}

// Sends what one call takes. Whether the socket has no room for the rest.
bool SocketDatagramTransport::flush() {
    detail::OutgoingBatch batch(*queue_, (state_ & kJoins) != 0, (state_ & kConnected) == 0);
    const int result = batch.send(descriptor());
    if (result < 0) {
        const int error = errno;
        if (error == EAGAIN || error == EWOULDBLOCK) return true;
        if (error == EINTR) return false;
        if (batch.is_joined(0) && refuses_joined(error)) {
            state_ &= ~kJoins;
            return false;
        }
        const SocketAddress to = queue_->address(0);
        forget(1);
        send_failed(error, to);
        return queue_ && !(state_ & kLost) && send_one_by_one(batch.packets() - 1);
    }
    const unsigned sent = batch.packets_in(static_cast<unsigned>(result));
    forget(sent);
    // Why it stopped, the kernel keeps to itself.
    return sent < batch.packets() && send_one_by_one(batch.packets() - sent);
}

bool SocketDatagramTransport::send_one_by_one(unsigned count) {
    for (; count > 0 && queue_; --count) {
        const int error = try_to_send(queue_->data(0), queue_->address(0));
        if (error == EAGAIN) return true;
        const SocketAddress to = queue_->address(0);
        forget(1);
        if (error != 0) send_failed(error, to);
    }
    return false;
}

void SocketDatagramTransport::forget(std::size_t count) noexcept {
    queue_->pop(count);
    if (queue_->empty()) queue_ = nullptr;
    if (count > 0) retry_.delay = Duration::zero();
}

void SocketDatagramTransport::wait_for_room() {
    if (state_ & kUnopened) return;  // open_channel() looks at the queue
    try {
        if (state_ & kAsksForRoom) {
            if (retry_.waiting) return;
            retry_.delay = std::clamp(retry_.delay * 2, kFirstRetry, kLastRetry);
            loop_->timers().push(retry_, loop_->deadline_after(retry_.delay));
            retry_.waiting = true;
        } else if (!(state_ & kWatchesWriting)) {
            loop_->poller().modify(*this, detail::io::readable | detail::io::writable | detail::io::edge);
            state_ |= kWatchesWriting;
        }
    } catch (...) {
        fatal_error(std::current_exception(), "Fatal write error on ", kind());
    }
}

void SocketDatagramTransport::stop_waiting_for_room() noexcept {
    if (std::exchange(retry_.waiting, false)) loop_->timers().withdraw(retry_, loop_->ready());
    if (!(state_ & kWatchesWriting)) return;
    try {
        loop_->poller().modify(*this, detail::io::readable | detail::io::edge);
        state_ &= ~kWatchesWriting;
    } catch (const std::exception&) {  // it is told of room that it does not need
    }
}

// --- errors ---------------------------------------------------------------------------------------

void SocketDatagramTransport::send_failed(int error, const SocketAddress& to) {
    std::exception_ptr told;
    try {
        told = make_os_error(error, "send to " + to.str());
    } catch (...) {
        told = std::current_exception();  // out of memory
    }
    if (error == EBADF || error == ENOTSOCK) {
        fatal_error(told, "Fatal write error on ", kind());
    } else {
        tell(std::move(told));
    }
}

void SocketDatagramTransport::tell(std::exception_ptr error) {
    const bool inside = (state_ & kTelling) != 0;
    state_ |= kTelling;
    try {
        datagrams_->error_received(std::move(error));
        if (!inside) state_ &= ~kTelling;
    } catch (...) {
        if (!inside) state_ &= ~kTelling;
        if (detail::handling_exit_exception()) {
            const bool ends = (state_ & (kClosing | kLost)) == kClosing;  // and has not said so yet
            if (has_input() || queue_ || ends) write_again();             // goes on if the loop is run again
            throw;
        }
        report(std::current_exception(), "protocol.error_received() failed");
    }
}

// --- flow control ---------------------------------------------------------------------------------

void SocketDatagramTransport::set_write_buffer_limits(std::optional<std::size_t> high,
                                                      std::optional<std::size_t> low) {
    flow_.set_limits(high, low);
    settle();
    pause_protocol_if_full();
}

void SocketDatagramTransport::pause_protocol_if_full() {
    if (flow_.pauses_at(unsent())) call_pause_writing();
}

void SocketDatagramTransport::resume_protocol_if_low() {
    if (flow_.resumes_at(unsent())) call_resume_writing();
}

}  // namespace aio
