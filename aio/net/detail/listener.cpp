// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/net/detail/listener.hpp>

#include <cerrno>
#include <utility>

namespace aio::detail {
namespace {

constexpr auto kRetryDelay = std::chrono::seconds(1);

}  // namespace

Listener::Listener(EventLoop& loop, Socket socket, int backlog, Owner& owner) noexcept
    : IoWatch(socket.fileno()), loop_(loop), socket_(std::move(socket)), owner_(owner), backlog_(backlog) {}

void Listener::start() {
    if (serving_) return;
    socket_.listen(backlog_);
    loop_.claim_descriptor(fd);
    try {
        loop_.poller().add(*this, io::readable);
    } catch (...) {
        loop_.release_descriptor(fd);
        throw;
    }
    serving_ = true;
    loop_.parts().close_watches.push_back(*this);  // while it pauses the poller does not know it
}

void Listener::close() noexcept {
    if (!socket_) return;
    if (std::exchange(pausing_, false)) loop_.timers().withdraw(retry_, loop_.ready());
    CloseWatch::unlink();
    if (serving_) {
        loop_.poller().remove(*this);
        loop_.release_descriptor(fd);
        serving_ = false;
    }
    if (queued_) loop_.ready().remove(*this);
    queued_ = false;
    socket_.close();
    fd = -1;
}

void Listener::on_events(std::uint32_t) noexcept {
    if (queued_) return;
    queued_ = true;
    loop_.ready().push(*this);
}

void Listener::on_loop_closed() noexcept {
    close();
    owner_.loop_closed(*this);
}

void Listener::run() {
    queued_ = false;
    try {
        for (int i = 0; i <= backlog_; ++i) {
            if (!accept_one()) return;
        }
    } catch (const std::bad_alloc&) {  // the others come with the next event
        loop_.report(std::current_exception(), [&] {
            ExceptionContext context("socket.accept() out of system resource");
            context.exception(std::current_exception()).set("socket", socket_.view(), socket_.view().repr());
            return context;
        });
    }
}

// Whether to go on.
bool Listener::accept_one() {
    sockaddr_storage storage;
    socklen_t size = sizeof storage;
    auto* address = reinterpret_cast<sockaddr*>(&storage);
    const int connection = ::accept4(fd, address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection < 0) return accept_failed(errno);
    Socket owned(connection);
    owner_.accepted(std::move(owned), SocketAddress::from_native(address, size));
    return true;
}

bool Listener::accept_failed(int error) {
    switch (error) {
        case EAGAIN:
        case EINTR:
            return false;
        case ECONNABORTED:
        case EPERM:  // a firewall's refusal
        // Linux hands on what happened to the connection before it was accepted.
        case EPROTO:
        case ENETDOWN:
        case EHOSTDOWN:
        case EHOSTUNREACH:
        case ENETUNREACH:
        case ENONET:
        case EOPNOTSUPP:
            return true;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
            pause(error, "socket.accept() out of system resource");
            return false;
        default:
            pause(error, "socket.accept() failed");
            return false;
    }
}

void Listener::pause(int error, const char* message) {
    loop_.timers().push(retry_, loop_.deadline_after(kRetryDelay));
    pausing_ = true;
    loop_.poller().remove(*this);
    loop_.report(nullptr, [&] {
        ExceptionContext context(message);
        context.exception(make_os_error(error, "accept on " + socket_.view().repr()))
            .set("socket", socket_.view(), socket_.view().repr());
        return context;
    });
}

void Listener::resume() {
    pausing_ = false;
    try {
        loop_.poller().add(*this, io::readable);
    } catch (const OSError& e) {
        pause(e.error_number(), "socket.accept() failed");
    } catch (const std::bad_alloc&) {
        pause(ENOMEM, "socket.accept() out of system resource");
    }
}

}  // namespace aio::detail
