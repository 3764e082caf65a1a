// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/inspect/task_stack.hpp>
#include <aio/task/task.hpp>

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace aio {

/// Where a task or future stands, and who waits for it. Mirrors asyncio.FutureCallGraph.
class FutureCallGraph {
public:
    enum class Repeat : std::uint8_t {
        no,
        above,  ///< the future has its entry elsewhere in the graph; this one is empty
        cycle,  ///< the same, and it is among those that wait for itself
    };

    AnyFuture future;
    std::vector<FrameCallGraphEntry> call_stack;  ///< innermost first; empty for a plain future
    std::string waits_for;  ///< what the innermost awaits, but not what that awaits; empty if nothing
    std::vector<FutureCallGraph> awaited_by;
    Repeat repeat = Repeat::no;

    explicit FutureCallGraph(AnyFuture of) : future(std::move(of)) {}
    FutureCallGraph(FutureCallGraph&&) noexcept = default;
    FutureCallGraph& operator=(FutureCallGraph&&) = delete;
    ~FutureCallGraph();
};

/// Keyword arguments of capture_call_graph() and its kin.
class CallGraphOptions {
public:
    CallGraphOptions() {}
    /// Of the current task: 2 and more leave out the function that asks, which is the only frame that a
    /// running task has besides its outermost coroutine.
    CallGraphOptions& depth(int frames) & {
        depth_ = frames;
        return *this;
    }
    CallGraphOptions&& depth(int frames) && AIO_LIFETIME_BOUND { return std::move(this->depth(frames)); }
    /// Keeps the `frames` outermost frames of each stack or, if negative, the innermost; 0: none at all.
    CallGraphOptions& limit(int frames) & {
        limit_ = frames;
        return *this;
    }
    CallGraphOptions&& limit(int frames) && AIO_LIFETIME_BOUND { return std::move(this->limit(frames)); }
    int get_depth() const noexcept { return depth_; }
    const std::optional<int>& get_limit() const noexcept { return limit_; }

private:
    int depth_ = 1;
    std::optional<int> limit_;
};

/// The call graph of `future`, or of the current task if it is empty; nothing if there is no current task.
/// Mirrors asyncio.capture_call_graph().
///
/// Of a suspended task it gives every coroutine from the one that waits up to the task's own. C++ cannot
/// tell the coroutines between the caller and the outermost one of a task that is running.
/// Throws RuntimeError outside of a running loop if no future is given.
std::optional<FutureCallGraph> capture_call_graph(const AnyFuture& future = AnyFuture(),
                                                  const CallGraphOptions& options = CallGraphOptions(),
                                                  SourceLocation where = SourceLocation::current());

/// The same as text, in asyncio's layout; empty if there is no current task. What a task waits for
/// follows its name. Levels beyond the fiftieth are indented like that one.
std::string format_call_graph(const AnyFuture& future = AnyFuture(),
                              const CallGraphOptions& options = CallGraphOptions(),
                              SourceLocation where = SourceLocation::current());

/// Writes it to `stream`. Mirrors asyncio.print_call_graph().
void print_call_graph(const AnyFuture& future = AnyFuture(),
                      const CallGraphOptions& options = CallGraphOptions(), std::FILE* stream = stdout,
                      SourceLocation where = SourceLocation::current());

}  // namespace aio
