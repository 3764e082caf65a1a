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

/// Calls fn() with nobody to catch what it throws: for the unwinder the stack begins here, as it does for a
/// program with main(). A function that is noexcept would not do, because it is found as a handler, and all
/// frames up to it are unwound.
[[gnu::noinline]] inline void call_uncaught(const std::function<void()>& fn) {
#if defined(__x86_64__)
    asm volatile(".cfi_undefined rip");
#elif defined(__aarch64__)
    asm volatile(".cfi_undefined x30");
#endif
    fn();
    asm volatile("");  // not a tail call
}

/// Waits for a child and tells how it ended: "exit 3", "signal 2".
inline std::string how_ended(pid_t child) {
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child) return "no child";
    if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
    return "exit " + std::to_string(WEXITSTATUS(status));
}

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
    return how_ended(child);
}

/// What a child says before it ends, for the parent to hear: made by the parent, before the child.
class ChildSays {
public:
    ChildSays() {
        if (::pipe2(ends_, O_CLOEXEC) != 0) std::abort();
    }
    ChildSays(const ChildSays&) = delete;
    ChildSays& operator=(const ChildSays&) = delete;
    ~ChildSays() {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    void operator()(const std::string& text) const { ::dprintf(ends_[1], "%s | ", text.c_str()); }
    /// All of it, when the child has ended: "one | two | ".
    std::string heard() const {
        char text[4096];
        ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
        const ssize_t size = ::read(ends_[0], text, sizeof text);
        return std::string(text, size > 0 ? static_cast<std::size_t>(size) : 0);
    }

private:
    int ends_[2];
};

}  // namespace aio::tests
