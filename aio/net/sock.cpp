// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/net/resolver_impl.hpp>
#include <aio/net/sock.hpp>
#include <aio/transport/async_fd.hpp>
#include <aio/transport/detail/read_buffer.hpp>

#include <fcntl.h>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

namespace aio {
namespace {

namespace io = detail::io;

// A system call that is made again whenever the socket is ready, until it does not block.
class SockCall {
public:
    SockCall(TransportSocket socket, std::uint32_t direction, const char* name)
        : loop_(get_running_loop()), socket_(socket), name_(name), direction_(direction) {
        if (!loop_.get_debug()) return;
        const int flags = ::fcntl(socket.fileno(), F_GETFL);
        if (flags >= 0 && (flags & O_NONBLOCK) == 0) throw ValueError("the socket must be non-blocking");
    }
    SockCall(const SockCall&) = delete;
    SockCall& operator=(const SockCall&) = delete;
    ~SockCall() {
        if (state_) state_->leave();
    }

    /// Its result, or nothing if it would have blocked; then comes wait(). Throws OSError.
    template <class F>
    std::optional<std::size_t> attempt(F call) const {
        for (;;) {
            const ssize_t result = call(socket_.fileno());
            if (result >= 0) return static_cast<std::size_t>(result);
            if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
            if (errno != EINTR) raise_os_error(errno, std::string(name_) + " on " + socket_.repr());
        }
    }
    detail::FdWait wait() {
        if (!state_) state_ = detail::FdState::join(loop_, socket_.fileno());
        state_->clear(direction_, state_->number());  // no event has come since it would have blocked
        return {state_, direction_, std::nullopt};
    }

private:
    EventLoop& loop_;
    TransportSocket socket_;
    Ref<detail::FdState> state_;
    const char* name_;
    std::uint32_t direction_;
};

// The sender that the kernel writes down.
struct Sender {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    sockaddr* native() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
    SocketAddress address() { return SocketAddress::from_native(native(), size); }
    ssize_t receive(int fd, std::span<char> buffer) noexcept {
        size = sizeof storage;
        return ::recvfrom(fd, buffer.data(), buffer.size(), MSG_DONTWAIT, native(), &size);
    }
};

// Receives into the thread's buffer, so that a string is made only when there is something to put in it.
template <class F>
std::optional<std::string> receive_text(const SockCall& call, std::size_t n, F receive) {
    if (n <= detail::kReadBufferSize) {
        const std::span<char> buffer = detail::shared_read_buffer().first(n);
        const auto count = call.attempt([&](int fd) { return receive(fd, buffer); });
        if (!count) return std::nullopt;
        return std::string(buffer.data(), *count);
    }
    std::string text(n, '\0');
    const auto count = call.attempt([&](int fd) { return receive(fd, std::span<char>(text)); });
    if (!count) return std::nullopt;
    text.resize(*count);
    return text;
}

ssize_t receive(int fd, std::span<char> buffer) noexcept {
    return ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
}

}  // namespace

Coro<std::string> sock_recv(TransportSocket socket, std::size_t n) {
    SockCall call(socket, io::readable, "recv");
    for (;;) {
        std::optional<std::string> text = receive_text(call, n, receive);
        if (text) co_return std::move(*text);
        co_await call.wait();
    }
}

Coro<std::size_t> sock_recv_into(TransportSocket socket, std::span<char> buffer) {
    SockCall call(socket, io::readable, "recv");
    for (;;) {
        const auto count = call.attempt([&](int fd) { return receive(fd, buffer); });
        if (count) co_return *count;
        co_await call.wait();
    }
}

Coro<std::pair<std::string, SocketAddress>> sock_recvfrom(TransportSocket socket, std::size_t size) {
    SockCall call(socket, io::readable, "recvfrom");
    Sender sender;
    for (;;) {
        std::optional<std::string> text = receive_text(
            call, size, [&](int fd, std::span<char> buffer) { return sender.receive(fd, buffer); });
        if (text) co_return std::pair(std::move(*text), sender.address());
        co_await call.wait();
    }
}

Coro<std::pair<std::size_t, SocketAddress>> sock_recvfrom_into(TransportSocket socket, std::span<char> buffer,
                                                               std::size_t n) {
    if (n > buffer.size()) throw ValueError("nbytes is greater than the length of the buffer");
    const std::span<char> part = n > 0 ? buffer.first(n) : buffer;
    SockCall call(socket, io::readable, "recvfrom");
    Sender sender;
    for (;;) {
        const auto count = call.attempt([&](int fd) { return sender.receive(fd, part); });
        if (count) co_return std::pair(*count, sender.address());
        co_await call.wait();
    }
}

Coro<> sock_sendall(TransportSocket socket, BytesView data) {
    SockCall call(socket, io::writable, "send");
    std::size_t sent = 0;
    do {
        const auto count = call.attempt([&](int fd) {
            return ::send(fd, data.data() + sent, data.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        });
        if (count) {
            sent += *count;
        } else {
            co_await call.wait();
        }
    } while (sent < data.size());
}

Coro<std::size_t> sock_sendto(TransportSocket socket, BytesView data, SocketAddress address) {
    SockCall call(socket, io::writable, "sendto");
    for (;;) {
        const auto count = call.attempt([&](int fd) {
            return ::sendto(fd, data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                            address.empty() ? nullptr : address.native(),
                            address.empty() ? 0 : address.native_size());
        });
        if (count) co_return *count;
        co_await call.wait();
    }
}

// Asked again connect() tells what has become of it, also where the socket is ready for another reason.
Coro<> sock_connect(TransportSocket socket, SocketAddress address) {
    SockCall call(socket, io::writable, "connect");
    bool waited = false;
    while (::connect(socket.fileno(), address.native(), address.native_size()) != 0) {
        if (waited && errno == EISCONN) break;
        if (errno != EINPROGRESS && errno != EALREADY && errno != EINTR) {
            raise_os_error(errno, "connect to " + address.str());
        }
        waited = true;
        co_await call.wait();
    }
}

Coro<> sock_connect(TransportSocket socket, std::string host, int port) {
    const int family = socket.family();
    const auto addresses = co_await detail::resolve_host(std::move(host), port,
                                                         AddrInfoOptions().family(family).type(socket.type()),
                                                         ResolveFor::connecting, nullptr);
    co_await sock_connect(socket, addresses.front());
}

Coro<std::pair<Socket, SocketAddress>> sock_accept(TransportSocket socket) {
    SockCall call(socket, io::readable, "accept");
    Sender peer;
    for (;;) {
        const auto accepted = call.attempt([&](int fd) -> ssize_t {
            peer.size = sizeof peer.storage;
            return ::accept4(fd, peer.native(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        });
        if (accepted) co_return std::pair(Socket(static_cast<int>(*accepted)), peer.address());
        co_await call.wait();
    }
}

Coro<std::size_t> sock_send_fds(TransportSocket socket, BytesView data, std::vector<int> fds) {
    if (data.empty()) throw ValueError("descriptors are sent with at least one byte");
    SockCall call(socket, io::writable, "sendmsg");
    iovec vector{const_cast<char*>(data.data()), data.size()};
    std::vector<char> control(CMSG_SPACE(fds.size() * sizeof(int)));
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    if (!fds.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
        std::memcpy(CMSG_DATA(header), fds.data(), fds.size() * sizeof(int));
    }
    for (;;) {
        const auto count =
            call.attempt([&](int fd) { return ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL); });
        if (count) co_return *count;
        co_await call.wait();
    }
}

namespace {

// Nothing is allocated once the descriptors are there.
void take_fds(msghdr& message, std::vector<Socket>& fds) noexcept {
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
            fds.emplace_back(fd);
        }
    }
}

}  // namespace

Coro<ReceivedFds> sock_recv_fds(TransportSocket socket, std::size_t n, std::size_t max_fds) {
    SockCall call(socket, io::readable, "recvmsg");
    ReceivedFds received;
    received.data.resize(n);
    received.fds.reserve(max_fds);
    iovec vector{received.data.data(), n};
    std::vector<char> control(CMSG_SPACE(max_fds * sizeof(int)));
    for (;;) {
        msghdr message{};
        message.msg_iov = &vector;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = CMSG_LEN(max_fds * sizeof(int));  // with its padding there is room for more
        const auto count =
            call.attempt([&](int fd) { return ::recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC); });
        if (count) {
            take_fds(message, received.fds);
            received.data.resize(*count);
            received.truncated = (message.msg_flags & MSG_CTRUNC) != 0;
            co_return std::move(received);
        }
        co_await call.wait();
    }
}

}  // namespace aio
