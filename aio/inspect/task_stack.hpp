// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/task.hpp>

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace aio {

/// One coroutine of a call stack. Mirrors asyncio.FrameCallGraphEntry, and what inspect.stack() tells of
/// a frame.
struct FrameCallGraphEntry {
    enum class Kind : std::uint8_t { function, coroutine, async_generator };

    SourceLocation function;  ///< the function that the frame belongs to
    unsigned line;            ///< of the co_await where it waits; else of the function's beginning
    Kind kind;

    std::string name() const { return function_name(function); }
    const char* file() const noexcept { return function.file_name(); }
};

/// inspect.getcoroutinestate() of a task's coroutine.
enum class CoroutineState {
    created,    ///< waits for its first step
    running,    ///< is what runs now, or has started another task eagerly
    suspended,  ///< waits at a co_await
    closed,     ///< has ended
};
CoroutineState getcoroutinestate(const AnyTask& task);

namespace detail {

/// The coroutines of a suspended task, innermost first. Of a running one only the outermost is known,
/// and nothing is left of one that has ended.
std::vector<FrameCallGraphEntry> call_stack(const TaskState& task);

/// Python's list[:limit] or, for negative limits, list[limit:].
void apply_limit(std::vector<FrameCallGraphEntry>& stack, std::optional<int> limit);

}  // namespace detail
}  // namespace aio
