// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <ctime>

namespace aio::detail {

/// Keeps a call from ending the process by SIGPIPE, for which write(2), sendfile(2) and splice(2) have no
/// flag as send(2) has: what the call raises is this thread's, and is taken back.
class NoSigpipe {
public:
    NoSigpipe() noexcept {
        sigemptyset(&sigpipe_);
        sigaddset(&sigpipe_, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
        sigset_t pending;
        leave_ = sigismember(&before_, SIGPIPE) == 1 && ::sigpending(&pending) == 0 &&
                 sigismember(&pending, SIGPIPE) == 1;
    }
    NoSigpipe(const NoSigpipe&) = delete;
    NoSigpipe& operator=(const NoSigpipe&) = delete;
    ~NoSigpipe() {
        const int error = errno;
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        errno = error;
    }
    /// The call has raised it.
    void take() const noexcept {
        if (leave_) return;
        const int error = errno;
        const timespec at_once{};
        while (::sigtimedwait(&sigpipe_, nullptr, &at_once) < 0 && errno == EINTR) {
        }
        errno = error;
    }

private:
    sigset_t sigpipe_;
    sigset_t before_;
    bool leave_;  // one was pending before, which is somebody else's
};

/// call(), which is to send `wanted` bytes and gives how many it has sent, or -1 and errno. The kernel raises
/// the signal also where it could send a part and so tells no error.
template <class F>
ssize_t without_sigpipe(std::size_t wanted, F call) noexcept {
    const NoSigpipe guard;
    const ssize_t result = call();
    if (result < 0 ? errno == EPIPE : static_cast<std::size_t>(result) < wanted) guard.take();
    return result;
}

}  // namespace aio::detail
