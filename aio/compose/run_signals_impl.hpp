// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/loop/detail/signals.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/task/task.hpp>

#include <optional>

namespace aio::detail {

/// A signal that run() handles, where it would otherwise have its default effect, as asyncio does with
/// SIGINT.
class RunSignal {
public:
    RunSignal() noexcept = default;
    RunSignal(const RunSignal&) = delete;
    RunSignal& operator=(const RunSignal&) = delete;
    ~RunSignal() { release(); }

    template <class F>
    void handle(EventLoop& loop, int signal, F&& fn) {
        if (loop_ || !has_default_effect(signal)) return;
        auto mark = std::make_shared<int>();
        loop.add_signal_handler(signal, [fn = std::forward<F>(fn), mark] { fn(); });
        mark_ = std::move(mark);
        loop_ = &loop;
        signal_ = signal;
        is_harmless();
    }
    /// Whether it has arrived, and nobody was told of it, nor will be.
    bool release() noexcept;
    /// Whether it came too late for the loop's last iteration; then it counts as handled.
    bool take_missed() const noexcept { return in_place() && SignalWatcher::take(signal_); }

private:
    static bool has_default_effect(int signal) noexcept;
    void is_harmless() noexcept;
    // Not if the program has put its own handler in our place: then our callable is gone.
    bool in_place() const noexcept { return loop_ && mark_.use_count() > 1; }

    EventLoop* loop_ = nullptr;
    int signal_ = 0;
    std::shared_ptr<int> mark_;
};

/// What signals do to a loop of run().
///
/// The first SIGINT cancels the main task, the second is thrown out of the loop; without a main task the
/// first. SIGTERM, while a ShutdownHook wants it, cancels the main task and never throws: what it asks for is
/// the clean-up, and there it is only remembered. One that nobody was told of when the last hook goes, or
/// when run() ends by an ExitException, is raised again: it does what it would have done a moment later.
class InterruptHandler {
public:
    InterruptHandler(EventLoop& loop, std::optional<AnyTask> task);
    InterruptHandler(const InterruptHandler&) = delete;
    InterruptHandler& operator=(const InterruptHandler&) = delete;
    ~InterruptHandler();

    /// The main task has ended: throws KeyboardInterrupt or SystemExit if that was on a signal's account.
    void main_ended(AnyTask& task);
    void cleanup_begins() noexcept;
    /// Throws for a signal that came in its course.
    void cleanup_ended();
    void hook_was_added();
    void hook_was_removed() noexcept;

private:
    void on_interrupt();
    void on_terminate();
    void release_terminate() noexcept;
    void raise_signals(bool interrupted, bool terminated);

    EventLoop& loop_;
    std::optional<AnyTask> task_;
    RunSignal interrupt_;
    RunSignal terminate_;
    unsigned interrupts_ = 0;
    bool interrupted_ = false;  ///< a KeyboardInterrupt leaves the run
    bool cleaning_up_ = false;
    bool asked_to_end_ = false;  ///< by SIGTERM: the main task was cancelled
    bool ended_late_ = false;    ///< SIGTERM came when there was nothing to cancel any more
};

}  // namespace aio::detail
