// SPDX-License-Identifier: MIT
// The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/net/socket_transport_impl.hpp>
#include <aio/transport/detail/read_buffer.hpp>

#include <cerrno>

namespace aio {

static_assert(sizeof(SocketTransport) <= pool::kMaxBlock);

SocketTransport::SocketTransport(EventLoop& loop, Socket&& socket, std::shared_ptr<BaseProtocol> protocol,
                                 SocketTransportOptions&& options)
    : SocketTransportBase(loop, socket.fileno(), std::move(options)), detail::IoWatch(socket.fileno()) {
    if (!set_up(std::move(protocol))) look_at_kind();
    enqueue();
    // From here on nothing fails, and the socket is the transport's.
    begin();
    socket.detach();
}

SocketTransport::~SocketTransport() = default;

void SocketTransport::look_at_kind() {
    const bool is_unix = TransportSocket(descriptor()).getsockopt(SOL_SOCKET, SO_DOMAIN) == AF_UNIX;
    state_ |= is_unix ? kAttachments : kUntrusted;
}

void SocketTransport::open_channel() {
    loop_->poller().add(*this, detail::io::readable | detail::io::writable | detail::io::edge);
}

void SocketTransport::on_events(std::uint32_t events) noexcept {
    // Nearly always: something to read on an idle connection.
    if (events == (detail::io::readable | detail::io::writable) && !(state_ & (kNotReading | kQueued)) &&
        unsent() == 0) [[likely]] {
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
    if (unsent() > 0 && (events & (detail::io::writable | detail::io::hangup | detail::io::error))) {
        state_ |= kWritable;
        work = true;
    }
    if (work) enqueue();
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

[[gnu::always_inline]] inline void SocketTransport::read_ready() {
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
            fatal_error(std::current_exception(), "Fatal read error on ", kind());
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
    if (hand_over(target, buffer, count) && has_input()) enqueue();
}

void SocketTransport::run() {
    state_ &= ~kQueued;
    const detail::ContextScope scope(context_);
    if (state_ & kUnopened) [[unlikely]] {
        start();
        return;
    }
    if (has_input()) read_ready();
    if (state_ & kWritable) write_ready();  // last: may be the end of this object
}

void SocketTransport::read_failed(bool end_of_file) {
    if (end_of_file) {
        deliver_eof();
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        state_ &= ~(kReadable | kReadToEnd);
    } else if (errno == EINTR) {
        enqueue();
    } else {
        fatal_error(system_error("read from"), "Fatal read error on ", kind());
    }
}

// --- output ---------------------------------------------------------------------------------------

ssize_t SocketTransport::send_now(BytesView data) noexcept {
    return ::send(descriptor(), data.data(), data.size(), MSG_NOSIGNAL);
}

ssize_t SocketTransport::send_now(std::span<const iovec> pieces) noexcept {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    return ::sendmsg(descriptor(), &message, MSG_NOSIGNAL);
}

}  // namespace aio
