// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

namespace aio::tests {

/// Calls fn() with nobody to catch what it throws. Not inlined, because g++ 12 then loses the exception on
/// its way to std::terminate().
[[gnu::noinline]] inline void call_uncaught(const std::function<void()>& fn) noexcept { fn(); }

/// Runs fn() in a forked child and tells how that ended: "exit 3", "signal 2". A child whose fn() returns
/// ends with 0. What fn() throws is uncaught, as if it left main(). Set AIO_TEST_CHILD_STDERR to see
/// what the child says.
inline std::string run_in_child(const std::function<void()>& fn) {
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit no_core{0, 0};
        ::setrlimit(RLIMIT_CORE, &no_core);
        if (!std::getenv("AIO_TEST_CHILD_STDERR")) ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);
        call_uncaught(fn);
        ::_exit(0);
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child) return "no child";
    if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
    return "exit " + std::to_string(WEXITSTATUS(status));
}

}  // namespace aio::tests
