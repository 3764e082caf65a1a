// SPDX-License-Identifier: MIT
// The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>
#include <aio/loop/loop_handle.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/subprocess/child_impl.hpp>
#include <aio/subprocess/spawn_impl.hpp>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

namespace aio::subprocess {

/// What loop and waiting thread share.
struct ExitWatch {
    std::mutex lock;
    bool reaped = false;  ///< the number may be another process's by now
    int returncode = 0;
};

namespace {

constexpr auto kPidfd = static_cast<idtype_t>(3);  // P_PIDFD, which older headers lack

int open_pidfd(pid_t pid) noexcept { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

int wait_status(idtype_t type, int id, siginfo_t& info, int options) noexcept {
    for (;;) {
        info = siginfo_t{};
        if (::waitid(type, static_cast<id_t>(id), &info, options) == 0) return 0;
        if (errno != EINTR) return errno;
    }
}

// 255 as in asyncio, if somebody else has taken the status.
int returncode_of(int error, const siginfo_t& info, pid_t pid) noexcept {
    if (error != 0) {
        aio::detail::log_text(LogLevel::warning, [&] {
            return "child process pid " + std::to_string(pid) +
                   " exit status already read: will report returncode 255";
        });
        return 255;
    }
    return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

// So that nothing is left of a child that outlives its loop.
void reap_in_thread(Socket pidfd) noexcept {
    try {
        std::thread([fd = std::move(pidfd)] {
            siginfo_t info;
            wait_status(kPidfd, fd.fileno(), info, WEXITED);
        }).detach();
    } catch (const std::exception& e) {
        aio::detail::log_text(LogLevel::warning,
                              [&] { return std::string("cannot wait for a child process: ") + e.what(); });
    }
}

}  // namespace

Ref<Child> Child::start(EventLoop& loop, const Options& options, const std::vector<std::string>& argv,
                        std::array<int, 3> streams) {
    loop.check_closed();
    struct Unstarted {
        pid_t pid = -1;
        ~Unstarted() {
            if (pid < 0) return;
            ::kill(pid, SIGKILL);  // not reaped, so it is ours
            siginfo_t info;
            wait_status(P_PID, pid, info, WEXITED);
        }
    } unstarted;
    unstarted.pid = spawn(options, argv, streams);
    const Ref<Child> child(new Child(loop, unstarted.pid));
    child->watch();
    unstarted.pid = -1;
    child->add_ref();
    child->held_ = true;
    return child;
}

void Child::watch() {
    pidfd_ = Socket(open_pidfd(pid_));
    if (!pidfd_) {
        watch_by_thread();
        return;
    }
    fd = pidfd_.fileno();
    try {
        loop_->poller().add(*this, detail::io::readable);
    } catch (const OSError&) {  // out of something
        pidfd_.close();
        watch_by_thread();
    }
}

void Child::watch_by_thread() {
    thread_ = std::make_shared<ExitWatch>();
    std::thread([this, watch = thread_, pid = pid_, loop = loop_->handle()] {
        siginfo_t info;
        wait_status(P_PID, pid, info, WEXITED | WNOWAIT);
        {
            const std::lock_guard guard(watch->lock);
            const int error = wait_status(P_PID, pid, info, WEXITED);
            watch->returncode = returncode_of(error, info, pid);
            watch->reaped = true;
        }
        for (bool told = false; !told;) {
            try {
                // The loop keeps the child until this has run, or forgets both.
                loop.call_soon_threadsafe([this] { ended(thread_->returncode); });
                told = true;
            } catch (const std::bad_alloc&) {  // nobody else would tell of the end
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            } catch (const std::exception&) {  // it is closed
                told = true;
            }
        }
    }).detach();
    loop_->parts().close_watches.push_back(*this);
    ++loop_->parts().thread_call_count;  // for clocks that are not the system's
}

void Child::on_events(std::uint32_t) noexcept {
    if (queued_) return;
    queued_ = true;
    loop_->ready().push(*this);
}

void Child::run() {
    queued_ = false;
    reap();
}

// That the descriptor is ready is a hint; whether there is a status is another question.
void Child::reap() {
    siginfo_t info;
    const int error = wait_status(kPidfd, pidfd_.fileno(), info, WEXITED | WNOHANG);
    if (error == 0 && info.si_pid == 0) return;
    ended(returncode_of(error, info, pid_));
}

void Child::ended(int returncode) {
    const Ref<Child> keep(this);
    returncode_ = returncode;
    forget();
    pidfd_.close();
    if (std::exchange(held_, false)) release();
    if (ExitListener* const told = std::exchange(listener, nullptr)) told->exited();
}

void Child::forget() noexcept {
    CloseWatch::unlink();
    if (thread_) --loop_->parts().thread_call_count;
    if (pidfd_) loop_->poller().remove(*this);
    if (std::exchange(queued_, false)) loop_->ready().remove(*this);
}

void Child::on_loop_closed() noexcept {
    const Ref<Child> keep(this);
    forget();
    siginfo_t info;
    if (!loop_->inherited() && pidfd_) {
        const int error = wait_status(kPidfd, pidfd_.fileno(), info, WEXITED | WNOHANG);
        if (error == 0 && info.si_pid == 0) reap_in_thread(std::move(pidfd_));
    }
    pidfd_.close();
    if (std::exchange(held_, false)) release();
    listener = nullptr;
}

// Gives errno.
int Child::try_signal(int number) noexcept {
    if (returncode_ || loop_->is_closed()) return ESRCH;
    if (pidfd_) {
        return ::syscall(SYS_pidfd_send_signal, pidfd_.fileno(), number, nullptr, 0) == 0 ? 0 : errno;
    }
    const std::lock_guard guard(thread_->lock);
    if (thread_->reaped) return ESRCH;
    return ::kill(pid_, number) == 0 ? 0 : errno;
}

void Child::send_signal(int number) {
    const int error = try_signal(number);
    if (error == 0) return;
    raise_os_error(error, "send signal " + std::to_string(number) + " to process " + std::to_string(pid_));
}

std::string Child::repr() const {
    return "<Child pid=" + std::to_string(pid_) +
           (returncode_ ? " returncode=" + std::to_string(*returncode_) : " running") + ">";
}

}  // namespace aio::subprocess
