// SPDX-License-Identifier: MIT
#pragma once

#include <aio/transport/socket.hpp>

#include <sys/types.h>
#include <csignal>

namespace aio::subprocess {

/// A child process, and the pidfd that it came with; none where the kernel refuses those. With a pidfd
/// nothing here ever touches another process that has the number by now; without one the caller sees to that.
struct ChildProcess {
    pid_t pid = -1;
    Socket pidfd;

    /// waitid() with its `options`; gives its errno: ECHILD if somebody else has taken the status. With
    /// WNOHANG `info.si_pid` is 0 while the child runs.
    int wait(siginfo_t& info, int options) const noexcept;
    /// kill(); gives its errno.
    int signal(int number) const noexcept;
};

}  // namespace aio::subprocess
