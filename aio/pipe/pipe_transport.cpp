// SPDX-License-Identifier: MIT
// The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/pipe/pipe_transport_impl.hpp>
#include <aio/transport/detail/read_buffer.hpp>
#include <aio/transport/no_sigpipe_impl.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <cerrno>
#include <cstddef>
#include <span>
#include <utility>

namespace aio {

static_assert(sizeof(PipeTransport) <= pool::kMaxBlock);

PipeTransport::PipeTransport(EventLoop& loop, Socket&& pipe, std::shared_ptr<BaseProtocol> protocol,
                             detail::PipeEnd end, UniqueFunction<void()> on_made, detail::NonBlocking&& held)
    : StreamTransport(loop, nullptr, std::move(on_made)), detail::IoWatch(pipe.fileno()), fd_(pipe.fileno()) {
    install(std::move(protocol));
    look_at_kind();
    state_ |= end == detail::PipeEnd::reading ? kReading | kEofWritten : kEofReceived;
    enqueue();
    // From here on nothing fails, and the descriptor is the transport's.
    begin();
    pipe.detach();
    held_ = std::move(held);
}

PipeTransport::~PipeTransport() = default;

void PipeTransport::look_at_kind() {
    struct stat status{};
    if (::fstat(fd_, &status) != 0) raise_os_error(errno, "fstat of descriptor " + std::to_string(fd_));
    const int flags = ::fcntl(fd_, F_GETFL);
    if (S_ISFIFO(status.st_mode) && (flags & O_DIRECT) == 0) state_ |= kPipe;  // that one has packets
    if (S_ISSOCK(status.st_mode)) state_ |= kSocket;
    if (S_ISCHR(status.st_mode)) state_ |= kTerminal;
}

void PipeTransport::open_channel() {
    try {
        loop_->poller().add(*this,
                            (reads() ? detail::io::readable : detail::io::writable) | detail::io::edge);
    } catch (const PermissionError&) {  // rule 3
        loop_->parts().close_watches.push_back(*this);
        state_ |= kReadable;
        if (has_input()) enqueue();
    }
}

void PipeTransport::stop_channel() noexcept {
    detail::CloseWatch::unlink();
    loop_->poller().remove(*this);
}

void PipeTransport::close_channel() noexcept {
    loop_->release_descriptor(fd_);
    held_.release();
    Socket(std::exchange(fd_, -1)).close();
}

std::any PipeTransport::get_extra_info(std::string_view name) const {
    if (name != "pipe") return {};
    const_cast<PipeTransport*>(this)->settle();  // who has it may write
    return fd_;
}

std::string PipeTransport::repr() const {
    return repr_of(reads() ? "ReadPipeTransport" : "WritePipeTransport",
                   fd_ >= 0 ? " fd=" + std::to_string(fd_) : "");
}

std::exception_ptr PipeTransport::system_error(const char* operation) const noexcept {
    try {
        return make_os_error(errno, std::string(operation) + " pipe fd=" + std::to_string(fd_));
    } catch (...) {
        return std::current_exception();  // out of memory
    }
}

void PipeTransport::on_events(std::uint32_t events) noexcept {
    constexpr std::uint32_t kEnd = detail::io::hangup | detail::io::error;
    if (reads()) {
        state_ |= kReadable;
        if (events & (kEnd | detail::io::peer_closed | detail::io::urgent)) state_ |= kReadToEnd;
        if (has_input()) enqueue();
        return;
    }
    if (events & kEnd) state_ |= kReaderGone;
    if (unsent() > 0 && (events & detail::io::writable)) state_ |= kWritable;
    if (state_ & (kReaderGone | kWritable)) enqueue();
}

void PipeTransport::run() {
    state_ &= ~kQueued;
    const detail::ContextScope scope(context_);
    if (state_ & kUnopened) {
        start();
        return;
    }
    if (has_input()) read_ready();
    if (state_ & kReaderGone) reader_gone();
    if (state_ & kWritable) write_ready();  // last: may be the end of this object
}

// --- input ----------------------------------------------------------------------------------------

void PipeTransport::read_ready() {
    BufferedProtocol* const target = buffered_;
    std::span<char> buffer;
    try {
        buffer = target ? target->get_buffer(0) : detail::shared_read_buffer();
        if (buffer.empty()) throw RuntimeError("get_buffer() returned an empty buffer");
    } catch (...) {
        callback_failed("Fatal error: protocol.get_buffer() call failed.");
        return;
    }
    if (!has_input()) return;

    const ssize_t result = read_now(buffer);
    if (result <= 0) {
        read_failed(result == 0);
        return;
    }
    const auto count = static_cast<std::size_t>(result);
    if (count < buffer.size() && (state_ & (kPipe | kReadToEnd)) == kPipe) state_ &= ~kReadable;  // rule 2
    if (hand_over(target, buffer, count) && has_input()) enqueue();
}

ssize_t PipeTransport::read_now(std::span<char> buffer) noexcept {
    if (state_ & kSocket) return ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    const ssize_t result = ::read(fd_, buffer.data(), buffer.size());
    const bool says_it_has_ended = result < 0 && errno == EIO && (state_ & kTerminal);
    return says_it_has_ended ? ::read(fd_, buffer.data(), buffer.size()) : result;  // rule 5
}

void PipeTransport::read_failed(bool end_of_file) {
    // A terminal says so when nobody holds its other end.
    if (end_of_file || (errno == EIO && (state_ & kTerminal))) {
        deliver_eof();
        if (state_ & kEofReceived) close();
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        state_ &= ~(kReadable | kReadToEnd);
    } else if (errno == EINTR) {
        enqueue();
    } else {
        fatal_error(system_error("read from"), "Fatal read error on ", kind());
    }
}

// --- output ---------------------------------------------------------------------------------------

void PipeTransport::reader_gone() {
    state_ &= ~kReaderGone;
    if (state_ & kLost) return;
    if (unsent() == 0) {
        close();
        return;
    }
    errno = EPIPE;
    force_close(system_error("write to"));
}

ssize_t PipeTransport::send_now(BytesView data) noexcept {
    if (state_ & kSocket) return ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    const iovec piece{const_cast<char*>(data.data()), data.size()};
    return write_quietly(std::span(&piece, 1));
}

ssize_t PipeTransport::send_now(std::span<const iovec> pieces) noexcept {
    if (state_ & kSocket) {
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(pieces.data());
        message.msg_iovlen = pieces.size();
        return ::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    return write_quietly(pieces);
}

/// writev(2) of which no SIGPIPE comes: in one system call where the kernel has a flag for that.
ssize_t PipeTransport::write_quietly(std::span<const iovec> pieces) noexcept {
    constexpr int kNoSignal = 0x100;  // RWF_NOSIGNAL, since Linux 6.18
    const int count = static_cast<int>(pieces.size());
    if ((state_ & kNoFlag) == 0) {
        const ssize_t sent = ::pwritev2(fd_, pieces.data(), count, -1, kNoSignal);
        // An older kernel, a sandbox that does not know the call, a device's old driver.
        if (sent >= 0 ||
            (errno != EOPNOTSUPP && errno != EINVAL && errno != ENOSYS && errno != EPERM && errno != EACCES))
            return sent;
        state_ |= kNoFlag;
    }
    std::size_t size = 0;
    for (const iovec& piece : pieces) size += piece.iov_len;
    return detail::without_sigpipe(size, [&] { return ::writev(fd_, pieces.data(), count); });
}

// --- making one -----------------------------------------------------------------------------------

Ref<Transport> make_pipe_transport(EventLoop& loop, Socket pipe, std::shared_ptr<BaseProtocol> protocol,
                                   detail::PipeEnd end, UniqueFunction<void()> on_made,
                                   detail::NonBlocking held) {
    const int fd = pipe.fileno();
    bool claimed = false;
    try {
        loop.check_closed();
        loop.claim_descriptor(fd);
        claimed = true;
        return Ref<Transport>(new PipeTransport(loop, std::move(pipe), std::move(protocol), end,
                                                std::move(on_made), std::move(held)));
    } catch (...) {
        if (claimed) loop.release_descriptor(fd);
        throw;
    }
}

void check_pipe(const Socket& pipe, detail::PipeEnd end) {
    struct stat status{};
    if (::fstat(pipe.fileno(), &status) != 0) {
        raise_os_error(errno, "fstat of descriptor " + std::to_string(pipe.fileno()));
    }
    if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || S_ISCHR(status.st_mode)) return;
    throw ValueError(end == detail::PipeEnd::reading
                         ? "Pipe transport is for pipes/sockets only."
                         : "Pipe transport is only for pipes, sockets and character devices");
}

}  // namespace aio
