// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/subprocess/spawned_child_impl.hpp>

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <utility>

namespace aio::subprocess {
namespace {

// --- in the child: system calls only, on the parent's memory ------------------------------------------

// By number, because a wrapper may be a sanitizer's, or signal the parent's threads, as setuid() does.
template <class... Args>
[[gnu::always_inline]] inline long call(long number, Args... args) noexcept {
    return ::syscall(number, args...);
}

[[noreturn]] void fail(Plan& plan, Step step) noexcept {
    plan.failure = {errno, step};
    if (plan.report >= 0) call(SYS_write, plan.report, &plan.failure, sizeof plan.failure);
    for (;;) call(SYS_exit_group, 127);
}

// The kernel's, for default and ignored actions the same everywhere: a handler and zeros.
struct KernelAction {
    unsigned long handler = 0;
    unsigned long rest[7] = {};
};

// The parent's handlers must not run here. Ignored signals stay ignored, as exec() leaves them.
void reset_signals(bool restore) noexcept {
    constexpr std::size_t kMaskSize = 8;
    const KernelAction standard;
    for (int number = 1; number <= 64; ++number) {
        KernelAction action;
        if (call(SYS_rt_sigaction, number, nullptr, &action, kMaskSize) != 0) continue;
        const bool ignored = action.handler == 1;
        if (action.handler == 0 || (ignored && !(restore && (number == SIGPIPE || number == SIGXFSZ))))
            continue;
        call(SYS_rt_sigaction, number, &standard, nullptr, kMaskSize);
    }
    const unsigned long none = 0;
    call(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kMaskSize);
}

void place_streams(Plan& plan) noexcept {
    std::array<int, 3> from = plan.streams;
    for (int target = 0; target < 3; ++target) {  // out of the way of those that are placed before
        int& fd = from[static_cast<std::size_t>(target)];
        if (fd < 0 || fd > 2 || fd == target) continue;
        fd = static_cast<int>(call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3));
        if (fd < 0) fail(plan, Step::streams);
    }
    for (int target = 0; target < 3; ++target) {
        const int fd = from[static_cast<std::size_t>(target)];
        if (fd < 0) continue;
        const long done = fd == target ? call(SYS_fcntl, fd, F_SETFD, 0) : call(SYS_dup3, fd, target, 0);
        if (done < 0) fail(plan, Step::streams);
    }
    for (const int fd : plan.pass_fds) {
        if (call(SYS_fcntl, fd, F_SETFD, 0) < 0) fail(plan, Step::streams);
    }
}

void close_between(int first, int last) noexcept {
    if (first > last || call(SYS_close_range, first, last, 0) == 0) return;
    constexpr int kMost = 65'536;  // where a filter forbids close_range()
    for (int fd = first; fd <= std::min(last, kMost); ++fd) call(SYS_close, fd);
}

void close_others(const Plan& plan) noexcept {
    int first = 3;
    bool reported = plan.report < 0;
    for (std::size_t i = 0; i <= plan.pass_fds.size(); ++i) {
        const int next = i < plan.pass_fds.size() ? plan.pass_fds[i] : INT_MAX;
        if (!reported && plan.report < next) {
            close_between(first, plan.report - 1);
            first = plan.report + 1;
            reported = true;
        }
        close_between(first, next == INT_MAX ? INT_MAX : next - 1);
        if (next != INT_MAX) first = next + 1;
    }
}

void change_user(Plan& plan) noexcept {
    const auto& user = plan.options.get_user();
    const auto& group = plan.options.get_group();
    const auto& extra = plan.options.get_extra_groups();
    if ((user || group || extra) &&
        call(SYS_setgroups, extra ? extra->size() : 0, extra ? extra->data() : nullptr) < 0) {
        fail(plan, Step::user);
    }
    if (group && call(SYS_setresgid, *group, *group, *group) < 0) fail(plan, Step::user);
    if (user && call(SYS_setresuid, *user, *user, *user) < 0) fail(plan, Step::user);
}

[[noreturn]] int run_child(void* argument) noexcept {
    Plan& plan = *static_cast<Plan*>(argument);
    const Options& options = plan.options;
    place_streams(plan);
    if (options.get_cwd() && call(SYS_chdir, options.get_cwd()->c_str()) < 0) fail(plan, Step::folder);
    if (options.get_umask()) call(SYS_umask, *options.get_umask());
    reset_signals(options.get_restore_signals());
    if (options.get_start_new_session() && call(SYS_setsid) < 0) fail(plan, Step::session);
    for (int fd = 0; options.get_pty() && fd < 3; ++fd) {  // the first one that is a terminal
        if (call(SYS_ioctl, fd, TIOCSCTTY, 0) == 0) break;
    }
    if (options.get_process_group() && call(SYS_setpgid, 0, *options.get_process_group()) < 0) {
        fail(plan, Step::group);
    }
    change_user(plan);
    if (options.get_close_fds()) close_others(plan);
    int error = 0;  // "not there" only if no candidate has another error
    const char* const end = plan.candidates.data() + plan.candidates.size();
    for (const char* path = plan.candidates.data(); path < end; ++path) {
        call(SYS_execve, path, plan.argv.data(), plan.envp.data());
        if (errno != ENOENT && errno != ENOTDIR && error == 0) error = errno;
        while (*path != '\0') ++path;
    }
    if (error != 0) errno = error;
    fail(plan, Step::exec);
}

// --- in the parent ------------------------------------------------------------------------------------

// ThreadSanitizer counts a child's memory accesses as the parent's.
#if defined(__SANITIZE_THREAD__)
constexpr bool kAlwaysCopies = true;
#elif defined(__has_feature)
constexpr bool kAlwaysCopies = __has_feature(thread_sanitizer);
#else
constexpr bool kAlwaysCopies = false;
#endif

/// Blocks all signals of this thread: a handler that ran in the child would work on the parent's memory.
class SignalsBlocked {
public:
    SignalsBlocked() noexcept {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_;
};

// On a stack of the child's own, so that it spoils no variable of the parent's. Gives -1 and errno.
// AddressSanitizer would put that stack elsewhere, and wonder at it.
[[gnu::noinline, gnu::no_sanitize_address]] pid_t clone_child(int (*run)(void*), void* argument, int flags,
                                                              int* pidfd) noexcept {
    alignas(16) char stack[16 * 1024];
    return ::clone(run, stack + sizeof stack, flags, argument, pidfd);
}

// Whether a child of vfork() works on this memory and holds up its parent. Under valgrind it does neither.
// Asked of a child that nobody else hears of, once; two threads that ask at once get the same answer.
bool vfork_is_real() noexcept {
    if (kAlwaysCopies) return true;
    enum : int { unknown, real, like_fork };
    static constinit std::atomic<int> kind{unknown};
    if (kind.load(std::memory_order_relaxed) == unknown) {
        volatile bool seen = false;
        const auto run = [](void* place) -> int {
            *static_cast<volatile bool*>(place) = true;
            for (;;) call(SYS_exit_group, 0);
        };
        const pid_t pid = clone_child(run, const_cast<bool*>(&seen), CLONE_VM | CLONE_VFORK, nullptr);
        if (pid < 0) return false;  // the child itself will fail
        while (::waitpid(pid, nullptr, static_cast<int>(__WCLONE)) < 0 && errno == EINTR) {
        }
        kind.store(seen ? real : like_fork, std::memory_order_relaxed);
    }
    return kind.load(std::memory_order_relaxed) == real;
}

// A pipe above the standard descriptors, which the child's take the place of.
std::pair<Socket, Socket> report_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) raise_os_error(errno, "pipe2");
    Socket reading(ends[0]);
    Socket writing(ends[1]);
    if (writing.fileno() <= 2) writing = Socket(::fcntl(writing.fileno(), F_DUPFD_CLOEXEC, 3));
    if (!writing) raise_os_error(errno, "pipe2");
    return {std::move(reading), std::move(writing)};
}

// What a child with a copy of this memory says before exec(), which closes the pipe.
Failure read_report(int fd) noexcept {
    Failure failure;
    while (::read(fd, &failure, sizeof failure) < 0 && errno == EINTR) {
    }
    return failure;
}

// Gives the process id, or -1 and errno.
pid_t clone_with_pidfd(Plan& plan, int flags, Socket& pidfd) noexcept {
    int fd = -1;
    const pid_t pid = clone_child(run_child, &plan, flags | CLONE_PIDFD, &fd);
    pidfd = Socket(fd);
    const bool refused = pid < 0 && (errno == EPERM || errno == EINVAL || errno == ENOSYS);
    return refused ? clone_child(run_child, &plan, flags, nullptr) : pid;
}

}  // namespace

ChildProcess start_child(Plan& plan) {
    const SignalsBlocked blocked;
    const bool real = vfork_is_real();
    // Who changes user or group on the parent's memory changes the rights to look at that (PR_SET_DUMPABLE).
    const bool copies = kAlwaysCopies || plan.options.get_user() || plan.options.get_group();
    std::pair<Socket, Socket> report;
    if (copies || !real) report = report_pipe();
    // Others that are forked meanwhile hold the pipe, too: it is waited for only if the child is not.
    if (copies && real) report.first.set_nonblocking();
    plan.report = report.second.fileno();

    ChildProcess started;
    const int flags = SIGCHLD | CLONE_VFORK | (copies && real ? 0 : CLONE_VM);
    started.pid = clone_with_pidfd(plan, flags, started.pidfd);
    if (started.pid < 0) raise_os_error(errno, "start " + plan.program);
    if (!report.first) return started;
    report.second.close();
    plan.failure = read_report(report.first.fileno());
    return started;
}

}  // namespace aio::subprocess
