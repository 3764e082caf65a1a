// SPDX-License-Identifier: MIT
// The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>
#include <aio/loop/loop_handle.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/subprocess/child_impl.hpp>
#include <aio/subprocess/spawn_impl.hpp>

#include <sys/wait.h>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

namespace aio::subprocess {

/// What loop and waiting thread share, and what the thread posts when it knows of the end: made before, so
/// that memory cannot be short then.
struct ExitWatch final : aio::detail::PostedItem {
    std::mutex lock;
    bool reaped = false;  ///< the number may be another process's by now
    int returncode = 0;
    Child* child = nullptr;           ///< for the loop's thread; null once nobody is to be told
    std::shared_ptr<ExitWatch> self;  ///< while it is posted

    void run() override;
    void discard() noexcept override { self.reset(); }
};

namespace {

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
void reap_in_thread(ChildProcess process) noexcept {
    try {
        std::thread([child = std::move(process)] {
            siginfo_t info;
            child.wait(info, WEXITED);
        }).detach();
    } catch (const std::exception& e) {
        aio::detail::log_text(LogLevel::warning,
                              [&] { return std::string("cannot wait for a child process: ") + e.what(); });
    }
}

}  // namespace

void ExitWatch::run() {
    const auto keep = std::move(self);
    if (child) child->ended(returncode);
}

Ref<Child> Child::start(EventLoop& loop, const Options& options, const std::vector<std::string>& argv,
                        std::array<int, 3> streams) {
    loop.check_closed();
    const Ref<Child> child(new Child(loop));
    child->process_ = spawn(options, argv, streams);
    try {
        child->watch();
    } catch (...) {
        siginfo_t info;
        child->process_.signal(SIGKILL);
        child->process_.wait(info, WEXITED);
        throw;
    }
    child->add_ref();
    child->held_ = true;
    return child;
}

void Child::watch() {
    if (!process_.pidfd) {
        watch_by_thread();
        return;
    }
    fd = process_.pidfd.fileno();
    try {
        loop_->poller().add(*this, detail::io::readable);
    } catch (const OSError&) {  // out of something
        process_.pidfd.close();
        watch_by_thread();
    }
}

void Child::watch_by_thread() {
    thread_ = std::make_shared<ExitWatch>();
    thread_->child = this;  // which the loop keeps until this has run, or forgets both
    std::thread([watch = thread_, pid = pid(), inbox = loop_->handle().inbox()] {
        const ChildProcess process{pid, {}};
        siginfo_t info;
        process.wait(info, WEXITED | WNOWAIT);
        {
            const std::lock_guard guard(watch->lock);
            const int error = process.wait(info, WEXITED);
            watch->returncode = returncode_of(error, info, pid);
            watch->reaped = true;
        }
        watch->self = watch;
        if (!inbox->post(*watch)) watch->self.reset();
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
    const int error = process_.wait(info, WEXITED | WNOHANG);
    if (error == 0 && info.si_pid == 0) return;
    ended(returncode_of(error, info, pid()));
}

void Child::ended(int returncode) {
    const Ref<Child> keep(this);
    returncode_ = returncode;
    forget();
    process_.pidfd.close();
    if (std::exchange(held_, false)) release();
    if (ExitListener* const told = std::exchange(listener, nullptr)) told->exited();
}

void Child::forget() noexcept {
    CloseWatch::unlink();
    if (thread_) {
        --loop_->parts().thread_call_count;
        thread_->child = nullptr;
    }
    if (process_.pidfd) loop_->poller().remove(*this);
    if (std::exchange(queued_, false)) loop_->ready().remove(*this);
}

void Child::on_loop_closed() noexcept {
    const Ref<Child> keep(this);
    forget();
    siginfo_t info;
    if (!loop_->inherited() && process_.pidfd) {
        const int error = process_.wait(info, WEXITED | WNOHANG);
        if (error == 0 && info.si_pid == 0) reap_in_thread({pid(), std::move(process_.pidfd)});
    }
    process_.pidfd.close();
    if (std::exchange(held_, false)) release();
    listener = nullptr;
}

// Gives errno.
int Child::try_signal(int number) noexcept {
    if (returncode_ || loop_->is_closed()) return ESRCH;
    if (process_.pidfd) return process_.signal(number);
    const std::lock_guard guard(thread_->lock);
    return thread_->reaped ? ESRCH : process_.signal(number);
}

void Child::send_signal(int number) {
    const int error = try_signal(number);
    if (error == 0) return;
    raise_os_error(error, "send signal " + std::to_string(number) + " to process " + std::to_string(pid()));
}

std::string Child::repr() const {
    return "<Child pid=" + std::to_string(pid()) +
           (returncode_ ? " returncode=" + std::to_string(*returncode_) : " running") + ">";
}

}  // namespace aio::subprocess
