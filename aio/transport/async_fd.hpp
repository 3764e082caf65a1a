// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/transport/detail/fd_state.hpp>
#include <aio/transport/socket.hpp>

#include <cerrno>
#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace aio {

/// What a wait on an AsyncFd gives: that the descriptor may be ready, until the kernel says that it is not.
///
/// May outlive the AsyncFd, and does nothing then. Threads: the loop's.
class FdReady {
public:
    FdReady(Ref<detail::FdState> state, std::uint32_t direction) noexcept
        : state_(std::move(state)), direction_(direction), number_(state_->number()), ends_(state_->ends()) {}

    /// Calls fn(args...), a system call or what makes one, and gives its result. If it would have blocked,
    /// which it says with -1 and EAGAIN or with a BlockingIOError, gives nothing, and the next wait waits.
    /// The end of a stream (0) and other errors (-1) are results.
    template <class F, class... Args>
        requires std::invocable<F&, Args...>
    auto try_io(F&& fn, Args&&... args) const -> std::optional<std::invoke_result_t<F&, Args...>> {
        const std::uint32_t number = state_->number();
        try {
            std::optional<std::invoke_result_t<F&, Args...>> result(
                std::in_place, detail::invoke(fn, std::forward<Args>(args)...));
            if constexpr (std::signed_integral<std::invoke_result_t<F&, Args...>>) {
                if (*result != -1 || (errno != EAGAIN && errno != EWOULDBLOCK)) return result;
            } else {
                return result;
            }
        } catch (const BlockingIOError&) {  // as Python says it
        }
        state_->clear(direction_, number);
        return std::nullopt;
    }

    /// A library has heard EAGAIN: the next wait waits for what comes. Forgotten too early it waits for ever;
    /// see recheck(). Does nothing if something has come since the wait, or after the peer's end, of which
    /// the kernel tells once.
    void clear_ready() const noexcept;
    /// For libraries that do not tell whether they heard EAGAIN: asks the kernel (poll(2)) whether it still
    /// holds, and clears it if not.
    bool recheck() const noexcept { return state_->look(direction_); }

    /// The peer will send no more, or the channel is shut: reading gives the end.
    bool peer_closed() const noexcept { return (ends_ & ~detail::io::error) != 0; }
    /// There is an error to fetch, e.g. by getsockopt(SO_ERROR) or the next call.
    bool error() const noexcept { return (ends_ & detail::io::error) != 0; }

private:
    Ref<detail::FdState> state_;
    std::uint32_t direction_;
    std::uint32_t number_;
    std::uint32_t ends_;
};

/// A descriptor that somebody else reads and writes: a library of C, inotify, eventfd, a socket of one's own.
/// It is registered with the running loop once, and waiting costs neither a system call nor memory. As
/// tokio's AsyncFd.
///
///     AsyncFd fd(::inotify_init1(IN_NONBLOCK), AsyncFd::own);
///     for (;;) {
///         auto ready = co_await fd.readable();
///         while (auto count = ready.try_io(::read, fd.fileno(), buffer, sizeof buffer)) {
///             if (*count <= 0) co_return;
///             ...
///         }
///     }
///
/// The surprising rule: the kernel tells of a change once. So a direction counts as ready until somebody
/// finds it is not: try_io() that would have blocked, clear_ready(), recheck(). Until then waits end at once.
/// Several tasks may wait, also for the same direction: all are woken, and who comes too late hears EAGAIN.
/// The peer's end, a hang-up and an error make all directions ready.
///
/// The descriptor should not block; its mode is left as it is. It is the loop's alone: add_reader() and
/// transports refuse it (RuntimeError); the sock_ functions use its registration. End the AsyncFd before a
/// library closes its descriptor.
/// Threads: the loop's only.
class AsyncFd {
public:
    enum class Ownership : bool { borrow, own };
    using enum Ownership;

    /// No descriptor.
    AsyncFd() noexcept = default;
    /// Registers `fd`; `own`: closes it at the end, also if this fails. Throws RuntimeError outside of a
    /// running loop and if `fd` is watched already, ValueError if it is negative, OSError (EPERM) if it
    /// cannot be watched, as regular files cannot.
    explicit AsyncFd(int fd, Ownership ownership = borrow);
    /// Takes over a socket.
    explicit AsyncFd(Socket socket) : AsyncFd(socket.detach(), own) {}
    AsyncFd(AsyncFd&& other) noexcept = default;
    AsyncFd& operator=(AsyncFd&& other) noexcept {
        AsyncFd old(std::move(*this));
        state_ = std::move(other.state_);
        return *this;
    }
    ~AsyncFd() {
        if (state_) close();
    }

    /// Waits until it is ready, or an earlier readiness has not been cleared.
    ///
    /// Completes: at once, without a turn of the loop, if it is known to be ready; may wake for nothing where
    /// others use it too. A limit of zero asks the kernel and does not wait.
    /// Cancellation: immediate, and loses nothing.
    /// Throws TimeoutError if `limit` passes before; OSError (EBADF) if it is closed or detached, also while
    /// it waits; RuntimeError if its loop is closed or is another one than the task's.
    detail::FdWait readable(const TimeLimit& limit = std::nullopt) const;
    detail::FdWait writable(const TimeLimit& limit = std::nullopt) const;
    /// Urgent data of TCP (MSG_OOB), or what else poll(2) calls exceptional (POLLPRI).
    detail::FdWait priority(const TimeLimit& limit = std::nullopt) const;

    /// -1 if there is none, and after close() and detach().
    int fileno() const noexcept { return state_ && !state_->closed() ? state_->fd : -1; }
    explicit operator bool() const noexcept { return fileno() >= 0; }
    /// For the sock_ functions. Of a temporary nothing is left.
    operator TransportSocket() const& noexcept { return TransportSocket(fileno()); }  // NOLINT
    operator TransportSocket() && = delete;

    /// Ends waits with an error and the registration; closes the descriptor if it is owned. Idempotent.
    void close() noexcept;
    /// The same, but leaves the descriptor to the caller and gives it; -1 if there is none.
    int detach() noexcept;
    std::string repr() const;

private:
    Ref<detail::FdState> state_;
};

}  // namespace aio
