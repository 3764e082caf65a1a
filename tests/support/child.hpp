// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace aio::tests {

/// Runs fn() in a forked child, quietly, and tells how that ended: "exit 3", "signal 2". A child whose
/// fn() returns ends with 0. What fn() throws is uncaught, as if it left main().
template <class F>
std::string run_in_child(F&& fn) {
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit no_core{0, 0};
        ::setrlimit(RLIMIT_CORE, &no_core);
        ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);
        [&]() noexcept { fn(); }();
        ::_exit(0);
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child) return "no child";
    if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
    return "exit " + std::to_string(WEXITSTATUS(status));
}

}  // namespace aio::tests
