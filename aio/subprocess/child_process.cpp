// SPDX-License-Identifier: MIT
#include <aio/subprocess/child_process_impl.hpp>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>

namespace aio::subprocess {
namespace {

constexpr auto kPidfd = static_cast<idtype_t>(3);  // P_PIDFD, which older headers lack

int wait_by(idtype_t type, int id, siginfo_t& info, int options) noexcept {
    for (;;) {
        info = siginfo_t{};
        if (::waitid(type, static_cast<id_t>(id), &info, options) == 0) return 0;
        if (errno != EINTR) return errno;
    }
}

}  // namespace

int ChildProcess::wait(siginfo_t& info, int options) const noexcept {
    if (pidfd) {
        const int error = wait_by(kPidfd, pidfd.fileno(), info, options);
        if (error == 0 || error == ECHILD) return error;
        // This kernel, or a filter, knows no such wait. The number is the child's as long as nobody has
        // reaped it.
        if (signal(0) == ESRCH) return ECHILD;
    }
    return wait_by(P_PID, pid, info, options);
}

int ChildProcess::signal(int number) const noexcept {
    const long result =
        pidfd ? ::syscall(SYS_pidfd_send_signal, pidfd.fileno(), number, nullptr, 0) : ::kill(pid, number);
    return result == 0 ? 0 : errno;
}

}  // namespace aio::subprocess
