// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/net/detail/connect_operation.hpp>

#include <cerrno>

namespace aio::detail {

ConnectOperation::ConnectOperation(EventLoop& loop, const Socket& socket, SocketAddress peer) noexcept
    : IoWatch(socket.fileno()), loop_(loop), peer_(std::move(peer)) {}

bool ConnectOperation::start() {
    if (::connect(fd, peer_.native(), peer_.native_size()) == 0) return true;
    error_ = errno;
    if (error_ != EINPROGRESS && error_ != EINTR) return true;
    error_ = 0;
    loop_.poller().add(*this, io::writable | io::edge);
    return false;
}

void ConnectOperation::abandon() noexcept {
    loop_.poller().remove(*this);
    if (queued_) loop_.ready().remove(*this);
    queued_ = false;
}

std::exception_ptr ConnectOperation::error() const {
    return error_ == 0 ? nullptr : make_os_error(error_, "connect to " + peer_.str());
}

void ConnectOperation::on_events(std::uint32_t) noexcept {
    if (queued_) return;
    queued_ = true;
    loop_.ready().push(*this);
}

void ConnectOperation::run() {
    queued_ = false;
    loop_.poller().remove(*this);
    socklen_t size = sizeof error_;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error_, &size) != 0) error_ = errno;
    connected();
}

}  // namespace aio::detail
