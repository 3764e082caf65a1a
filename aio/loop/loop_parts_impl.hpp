// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/loop/detail/close_watch.hpp>
#include <aio/loop/detail/poller.hpp>
#include <aio/loop/detail/signals.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/loop/shuffle_impl.hpp>
#include <aio/loop/step_end_impl.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace aio {

template <class T>
class Coro;
class TransportFactory;

namespace concurrent {
class ThreadPoolExecutor;
}

namespace detail {

class DescriptorWatch;
class FdState;
class InterruptHandler;

/// What the loop asks of the layer that has tasks.
struct TasksLayer {
    void (*release)(EventLoop&) noexcept;  ///< the loop closes
    void (*forget_current)() noexcept;     ///< no task runs any more in this thread of a forked child
};

/// State of a loop that is apart from it: of what only the loop itself uses, and of what upper layers own and
/// the loop only keeps for them.
///
/// The loop knows nothing of tasks and generators; it calls `release_...` when it closes.
struct LoopParts {
    std::unique_ptr<aio::detail::Poller> poller;
    std::unique_ptr<aio::detail::SignalWatcher> signals;  ///< made when a signal is first handled
    std::shared_ptr<ExceptionHandler> exception_handler;
    Shuffle shuffle{0};
    int handles_per_check = 1;  ///< callbacks that may run before the poll's age is looked at
    StepEnd step_end;
    bool gather_writes = true;
    bool defer_writes = false;
    aio::detail::ListLink tasks;  ///< unfinished tasks, oldest first
    std::size_t task_count = 0;
    aio::detail::ListLink generators;  ///< async generators that were started and are not finished
    bool generators_shut_down = false;
    std::shared_ptr<void> task_factory;
    std::shared_ptr<void> resolver;                       ///< null: the default one, made on first use
    std::shared_ptr<TransportFactory> transport_factory;  ///< null: the default
    std::shared_ptr<void> read_arena;                     ///< what stream readers receive into
    aio::detail::ListLink thread_calls;                   ///< what threads have yet to hand to the loop
    std::size_t thread_call_count = 0;
    std::shared_ptr<concurrent::ThreadPoolExecutor> default_executor;
    bool executor_shut_down = false;
    Coro<void> (*shutdown_executor)(EventLoop&) = nullptr;  ///< what a Runner does at its end
    void (*release_executor)(EventLoop&) noexcept = nullptr;
    const TasksLayer* tasks_layer = nullptr;
    void (*release_generators)(LoopParts&) noexcept = nullptr;
    aio::detail::ListLink shutdown_hooks;  ///< what a Runner calls at its end, last added last
    void (*release_hooks)(EventLoop&) noexcept = nullptr;
    InterruptHandler* interrupts = nullptr;  ///< a Runner's, while it runs the loop

    std::uint64_t harmless_signals = 0;  ///< bits of handled signals that wake no task of their own
    std::uint8_t on_deadlock = 0;        ///< an OnDeadlock
    bool deadlock_reported = false;

    std::map<int, std::unique_ptr<aio::detail::DescriptorWatch>> watches;  ///< add_reader() and add_writer()
    std::vector<bool> claimed;        ///< descriptors that transports use
    std::vector<FdState*> fd_states;  ///< of AsyncFd and the sock_ functions, by descriptor
    List<CloseWatch> close_watches;
};

/// The loop is about to sleep for ever (EventLoop::cannot_wake()). Defined by aio/inspect, because it
/// reports the tasks; may stop the loop or throw DeadlockError.
void handle_deadlock(EventLoop& loop);

}  // namespace detail
}  // namespace aio
