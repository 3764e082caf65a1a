// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/ref.hpp>
#include <aio/loop/detail/close_watch.hpp>
#include <aio/loop/detail/poller.hpp>
#include <aio/loop/detail/runnable.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/subprocess/child_process_impl.hpp>
#include <aio/subprocess/options.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::subprocess {

struct ExitWatch;

/// Who wants to know of a child's end.
class ExitListener {
public:
    virtual void exited() = 0;

protected:
    ~ExitListener() = default;
};

/// A child process: started, watched until it ends, then reaped.
///
/// Rules:
/// 1. It is watched by a pidfd, or, where the kernel refuses that, by a thread that waits for it. Nothing
///    else of the process is touched: no handler of SIGCHLD, no other child.
/// 2. A signal goes through the pidfd, or is sent under the lock under which the thread reaps, so that it
///    never reaches another process that has the number by then.
/// 3. The loop holds one reference until the end is known or the loop closes. A child that lives on then is
///    left alone, and reaped by a thread when it ends.
/// 4. The listener, which may run user code, is told last.
class Child final : public detail::IoWatch, public detail::CloseWatch, public detail::Runnable {
public:
    /// Starts it; see spawn().
    static Ref<Child> start(EventLoop& loop, const Options& options, const std::vector<std::string>& argv,
                            std::array<int, 3> streams);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t pid() const noexcept { return process_.pid; }
    /// What its end was: the status, or a signal's negative number; none while it runs.
    const std::optional<int>& returncode() const noexcept { return returncode_; }
    EventLoop& loop() const noexcept { return *loop_; }
    /// Throws ProcessLookupError if it has ended, OSError.
    void send_signal(int number);
    /// SIGKILL, if it still runs.
    void kill_quietly() noexcept { try_signal(SIGKILL); }
    /// Is told once from the loop, when the end is known; null for nobody. Must outlive it or be taken back.
    ExitListener* listener = nullptr;

    std::string repr() const override;
    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

private:
    friend ExitWatch;
    explicit Child(EventLoop& loop) noexcept : loop_(&loop) {}
    ~Child() = default;

    int try_signal(int number) noexcept;
    void watch();
    void watch_by_thread();
    void reap();
    void on_events(std::uint32_t events) noexcept override;
    void on_loop_closed() noexcept override;
    void run() override;
    void discard() noexcept override { queued_ = false; }
    void ended(int returncode);
    void forget() noexcept;

    Ref<EventLoop> loop_;
    ChildProcess process_;
    std::shared_ptr<ExitWatch> thread_;  ///< in its place
    std::optional<int> returncode_;
    unsigned refs_ = 0;
    bool queued_ = false;
    bool held_ = false;  ///< by the loop
};

}  // namespace aio::subprocess
