// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/subprocess/spawn_impl.hpp>
#include <aio/transport/socket.hpp>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace aio::subprocess {
namespace {

/// What the child does, in this order, so that an error can tell of it.
enum class Step : int { streams, folder, session, group, user, exec };

struct Failure {
    int error;
    Step step;
};

/// All that the child needs, made by the parent: the child itself must not allocate.
struct Plan {
    std::array<int, 3> streams;
    std::vector<int> pass_fds;  // sorted, and all above 2
    std::vector<std::string> candidates;
    std::vector<char*> argv;
    std::vector<char*> envp;
    const Options* options;
    int report;  // the pipe's writing end, close-on-exec
};

// --- in the child: system calls only, on the parent's memory ------------------------------------------

// By number, because a wrapper may be a sanitizer's, or signal the parent's threads, as setuid() does.
template <class... Args>
[[gnu::always_inline]] inline long call(long number, Args... args) noexcept {
    return ::syscall(number, args...);
}

[[noreturn]] void fail(const Plan& plan, Step step) noexcept {
    const Failure failure{errno, step};
    call(SYS_write, plan.report, &failure, sizeof failure);
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

void place_streams(const Plan& plan) noexcept {
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
    bool reported = false;
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

void change_user(const Plan& plan) noexcept {
    const auto& user = plan.options->get_user();
    const auto& group = plan.options->get_group();
    if ((user || group) && call(SYS_setgroups, 0, nullptr) < 0) fail(plan, Step::user);
    if (group && call(SYS_setresgid, *group, *group, *group) < 0) fail(plan, Step::user);
    if (user && call(SYS_setresuid, *user, *user, *user) < 0) fail(plan, Step::user);
}

[[noreturn]] void run_child(const Plan& plan) noexcept {
    const Options& options = *plan.options;
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
    for (const std::string& path : plan.candidates) {
        call(SYS_execve, path.c_str(), plan.argv.data(), plan.envp.data());
        if (errno != ENOENT && errno != ENOTDIR && error == 0) error = errno;
    }
    if (error != 0) errno = error;
    fail(plan, Step::exec);
}

// Of its own, so that the child spoils no variable of the parent's.
[[gnu::noinline]] pid_t start_child(const Plan& plan) noexcept {
    // Who changes user or group on the parent's memory changes the rights to look at that (PR_SET_DUMPABLE).
    const bool changes_user = plan.options->get_user() || plan.options->get_group();
    const pid_t pid = changes_user ? ::fork() : ::vfork();  // NOLINT: the child obeys
    if (pid == 0) run_child(plan);
    return pid;
}

// --- in the parent ------------------------------------------------------------------------------------

void check_text(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) throw ValueError("embedded null byte");
}

std::string search_path(const Options& options) {
    if (options.get_env()) {
        const auto found = options.get_env()->find("PATH");
        if (found != options.get_env()->end()) return found->second;
    } else if (const char* const path = std::getenv("PATH")) {
        return path;
    }
    return "/bin:/usr/bin";
}

// Where the program may be, as os.get_exec_path() has it.
std::vector<std::string> candidates_for(const std::string& program, const Options& options) {
    if (program.find('/') != std::string::npos) return {program};
    std::vector<std::string> paths;
    const std::string path = search_path(options);
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find(':', begin), path.size());
        const std::string folder = path.substr(begin, end - begin);
        paths.push_back(folder.empty() ? program : folder + "/" + program);
        begin = end + 1;
    }
    return paths;
}

std::vector<std::string> environment_texts(const Options& options) {
    std::vector<std::string> texts;
    for (const auto& [name, value] : *options.get_env()) {
        check_text(name);
        check_text(value);
        if (name.empty() || name.find('=', 1) != std::string::npos) {
            throw ValueError("illegal environment variable name");
        }
        texts.push_back(name + "=" + value);
    }
    return texts;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
}

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

std::string told(Step step, const Options& options, const std::string& program) {
    switch (step) {
        case Step::streams:
            return "pass descriptors to " + program;
        case Step::folder:
            return "chdir to " + *options.get_cwd();
        case Step::session:
            return "setsid for " + program;
        case Step::group:
            return "setpgid for " + program;
        case Step::user:
            return "change user for " + program;
        case Step::exec:
            break;
    }
    return "exec " + program;
}

// What the child says before exec(), which closes the pipe.
Failure read_report(int fd) noexcept {
    Failure failure{0, Step::exec};
    while (::read(fd, &failure, sizeof failure) < 0 && errno == EINTR) {
    }
    return failure;
}

}  // namespace

void check_descriptors(const Options& options, const std::vector<std::string>& argv) {
    std::vector<int> given;
    for (const int fd : options.get_pass_fds()) {
        if (fd > 2) given.push_back(fd);  // the others are the streams
    }
    for (std::size_t i = 0; i < 3; ++i) given.push_back(options.get_stream(i).value_or(-1));
    for (const int fd : given) {
        if (fd < 0 || ::fcntl(fd, F_GETFD) >= 0) continue;
        const std::string& program = options.get_executable() ? *options.get_executable() : argv.at(0);
        raise_os_error(errno, "pass descriptor " + std::to_string(fd) + " to " + program);
    }
}

pid_t spawn(const Options& options, const std::vector<std::string>& argv, std::array<int, 3> streams) {
    for (const std::string& argument : argv) check_text(argument);
    if (options.get_cwd()) check_text(*options.get_cwd());
    const std::string& program = options.get_executable() ? *options.get_executable() : argv.at(0);
    check_text(program);
    std::vector<std::string> variables;
    if (options.get_env()) variables = environment_texts(options);
    auto [reading, writing] = report_pipe();

    Plan plan{streams, {}, candidates_for(program, options), pointers(argv), {}, &options, writing.fileno()};
    for (const int fd : options.get_pass_fds()) {
        if (fd < 0) throw ValueError("bad value(s) in fds_to_keep");
        if (fd > 2) plan.pass_fds.push_back(fd);
    }
    std::sort(plan.pass_fds.begin(), plan.pass_fds.end());
    if (options.get_env()) {
        plan.envp = pointers(variables);
    } else {
        for (char** entry = ::environ; entry && *entry; ++entry) plan.envp.push_back(*entry);
        plan.envp.push_back(nullptr);
    }

    pid_t pid = -1;
    {
        const SignalsBlocked blocked;
        pid = start_child(plan);
    }
    if (pid < 0) raise_os_error(errno, "start " + program);
    writing.close();
    const Failure failure = read_report(reading.fileno());
    if (failure.error == 0) return pid;
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    raise_os_error(failure.error, told(failure.step, options, program));
}

}  // namespace aio::subprocess
