// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/net/sock.hpp>
#include <aio/transport/async_fd.hpp>
#include <aio/transport/file_source_impl.hpp>

#include <fcntl.h>
#include <string>
#include <utility>

namespace aio {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

class SocketTarget final : public detail::SendfileTarget {
public:
    explicit SocketTarget(TransportSocket socket) noexcept : socket_(socket) {}
    SocketTarget(const SocketTarget&) = delete;
    SocketTarget& operator=(const SocketTarget&) = delete;
    ~SocketTarget() {
        if (state_) state_->leave();
    }
    int socket() const override { return socket_.fileno(); }
    Coro<> wait_writable() override {
        if (!state_) state_ = detail::FdState::join(get_running_loop(), socket_.fileno());
        state_->clear(detail::io::writable,
                      state_->number());  // no event has come since it would have blocked
        detail::FdWait wait(state_, detail::io::writable, std::nullopt);
        co_await wait;
    }

private:
    TransportSocket socket_;
    Ref<detail::FdState> state_;
};

void check_socket(TransportSocket socket) {
    if (socket.type() != SOCK_STREAM) throw ValueError("only SOCK_STREAM type sockets are supported");
    if (!get_running_loop().get_debug()) return;
    const int flags = ::fcntl(socket.fileno(), F_GETFL);
    if (flags >= 0 && (flags & O_NONBLOCK) == 0) throw ValueError("the socket must be non-blocking");
}

}  // namespace

Coro<std::uint64_t> sock_sendfile(TransportSocket socket, int file, SendfileOptions options) {
    check_socket(socket);
    detail::FileSource source(file, options);
    SocketTarget target(socket);
    const bool sent = co_await detail::send_by_kernel(source, target);
    if (sent) co_return source.sent();
    if (!options.get_fallback()) {
        throw SendfileNotAvailableError("the kernel cannot send descriptor " + std::to_string(file));
    }
    for (;;) {
        const std::string piece = co_await source.read(kPiece);
        if (piece.empty()) co_return source.sent();
        co_await sock_sendall(socket, piece);
        source.count(piece.size());
    }
}

Coro<std::uint64_t> sock_sendfile(TransportSocket socket, int file) {
    return sock_sendfile(socket, file, SendfileOptions());
}

}  // namespace aio
