// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/net/socket_transport_base_impl.hpp>

#include <netinet/tcp.h>
#include <cerrno>
#include <utility>

namespace aio {
namespace {

SocketAddress name_or_empty(SocketAddress (TransportSocket::*query)() const, TransportSocket socket) {
    try {
        return (socket.*query)();
    } catch (const OSError&) {  // the peer is gone already
        return {};
    }
}

// Whether it could be set, which tells TCP from all else.
bool set_no_delay(TransportSocket socket, int family) {
    if (family != AF_INET && family != AF_INET6) return false;
    try {
        socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
        return true;
    } catch (const OSError&) {
        return false;
    }
}

}  // namespace

SocketTransportBase::SocketTransportBase(EventLoop& loop, int fd, SocketTransportOptions&& options)
    : StreamTransport(loop, std::move(options.group_), std::move(options.on_made_)),
      fd_(fd),
      peername_(std::move(options.peername_)) {}

SocketTransportBase::~SocketTransportBase() = default;

bool SocketTransportBase::set_up(std::shared_ptr<BaseProtocol> protocol) {
    const TransportSocket view(fd_);
    install(std::move(protocol));
    sockname_ = name_or_empty(&TransportSocket::getsockname, view);
    if (peername_.empty()) peername_ = name_or_empty(&TransportSocket::getpeername, view);
    return set_no_delay(view, sockname_.family());
}

std::any SocketTransportBase::get_extra_info(std::string_view name) const {
    if (name == "peername" && !peername_.empty()) return peername_;
    if (name == "sockname" && !sockname_.empty()) return sockname_;
    if (name == "socket") {
        const_cast<SocketTransportBase*>(this)->settle();  // who has it may send
        return TransportSocket(fd_);
    }
    return {};
}

std::string SocketTransportBase::repr() const {
    const std::string fd = fd_ >= 0 ? " fd=" + std::to_string(fd_) : "";
    return repr_of("SocketTransport", fd + " " + sockname_.str() + " <-> " + peername_.str());
}

void SocketTransportBase::close_socket() noexcept {
    loop_->release_descriptor(fd_);
    Socket(std::exchange(fd_, -1)).close();
}

// Fails only if the connection is gone, which reading will find out.
void SocketTransportBase::shut_down_writing() noexcept { ::shutdown(fd_, SHUT_WR); }

std::exception_ptr SocketTransportBase::system_error(const char* operation) const noexcept {
    try {
        return make_os_error(errno, std::string(operation) + " " + peername_.str());
    } catch (...) {
        return std::current_exception();  // out of memory
    }
}

}  // namespace aio
