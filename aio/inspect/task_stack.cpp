// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/inspect/task_stack.hpp>

#include <algorithm>
#include <string_view>

namespace aio {
namespace detail {
namespace {

using Kind = FrameCallGraphEntry::Kind;

FrameCallGraphEntry entry_of(const CoroutineBase& frame, bool suspended) {
    const SourceLocation& function = frame.location();
    const bool generator =
        std::string_view(function.function_name()).find("AsyncGenerator<") != std::string_view::npos;
    const unsigned line = suspended ? frame.await_line() : 0;
    return {function, line ? line : function.line(), generator ? Kind::async_generator : Kind::coroutine};
}

// What create_task(fn, args...) puts around fn's coroutine goes by its name and is not shown beside it.
bool stands_for(const CoroutineBase& frame, const std::vector<FrameCallGraphEntry>& inner) {
    return frame.renamed() && !inner.empty() &&
           inner.back().function.function_name() == frame.location().function_name();
}

}  // namespace

std::vector<FrameCallGraphEntry> call_stack(const TaskState& task) {
    std::vector<FrameCallGraphEntry> stack;
    if (!task.has_frame()) return stack;
    std::coroutine_handle<> frame = task.suspended_at();
    if (!frame) stack.push_back(entry_of(task.frame(), false));
    for (; frame; frame = CoroutineBase::of(frame).continuation()) {
        const CoroutineBase& coroutine = CoroutineBase::of(frame);
        if (!stands_for(coroutine, stack)) stack.push_back(entry_of(coroutine, true));
    }
    return stack;
}

void apply_limit(std::vector<FrameCallGraphEntry>& stack, std::optional<int> limit) {
    if (!limit) return;
    const std::size_t kept = std::min<std::size_t>(stack.size(), static_cast<std::size_t>(std::abs(*limit)));
    if (*limit >= 0) {
        stack.erase(stack.begin() + static_cast<std::ptrdiff_t>(kept), stack.end());
    } else {
        stack.erase(stack.begin(), stack.end() - static_cast<std::ptrdiff_t>(kept));
    }
}

std::vector<FrameCallGraphEntry> get_stack(const TaskState& task, std::optional<int> limit) {
    std::vector<FrameCallGraphEntry> stack = call_stack(task);
    std::reverse(stack.begin(), stack.end());
    if (limit) apply_limit(stack, -std::max(*limit, 0));  // the newest
    return stack;
}

static std::string format_stack(TaskState& task, std::optional<int> limit) {
    const FutureBase& future = task.future();
    const std::vector<FrameCallGraphEntry> stack = get_stack(task, limit);
    std::string text = (stack.empty() ? "No stack for " : "Stack for ") + future.repr();
    text += stack.empty() ? "\n" : " (most recent call last):\n";
    for (const FrameCallGraphEntry& entry : stack) {
        text += "  File \"" + std::string(entry.file()) + "\", line " + std::to_string(entry.line) + ", in " +
                entry.name() + "\n";
    }
    if (future.error() && future.done()) text += aio::describe(future.error()) + "\n";
    return text;
}

void print_stack(TaskState& task, std::optional<int> limit, std::FILE* stream) {
    std::fputs(format_stack(task, limit).c_str(), stream ? stream : stderr);
}

}  // namespace detail

CoroutineState getcoroutinestate(const AnyTask& task) {
    const detail::TaskState& state = *task.state("getcoroutinestate()").as_task();
    if (!state.has_frame()) return CoroutineState::closed;
    if (!state.suspended_at()) return CoroutineState::running;
    return state.started() ? CoroutineState::suspended : CoroutineState::created;
}

}  // namespace aio
