// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/loop/event_loop.hpp>

#include <string>

namespace aio {

/// A loop has unfinished tasks, and nothing can wake them. what() shows them as a tree.
class DeadlockError : public RuntimeError {
public:
    using RuntimeError::RuntimeError;
};

/// What a loop does that is about to wait for ever: it has unfinished tasks, but no callback is ready, no
/// timer armed, no descriptor watched, no signal handled (Ctrl-C does not count, nor
/// dump_tasks_on_signal()) and no job runs in an executor. Another thread could still wake it with
/// call_soon_threadsafe(), so by default this is reported and not an error.
enum class OnDeadlock : std::uint8_t {
    automatic,  ///< as `report` in debug mode, else as `ignore`
    ignore,
    report,  ///< logs a warning with the tree of tasks, once per loop
    raise,   ///< throws DeadlockError out of run_forever() or run_until_complete()
    stop,    ///< reports, then ends the run as stop() does
};

/// Loops with a clock of their own ask that clock: VirtualClock always throws DeadlockError.
void set_on_deadlock(EventLoop& loop, OnDeadlock action) noexcept;
OnDeadlock get_on_deadlock(EventLoop& loop) noexcept;

namespace detail {
/// The text of a DeadlockError: what was found, and the tree of tasks.
std::string deadlock_text(const std::string& found, EventLoop& loop);
}  // namespace detail

}  // namespace aio
