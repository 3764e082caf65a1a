// SPDX-License-Identifier: MIT
#include <aio/inspect/awaited_by.hpp>
#include <aio/inspect/call_graph.hpp>

#include <algorithm>
#include <string_view>
#include <unordered_map>

// Graphs may be as deep as there are tasks, and no recursion is: neither building nor destroying one.

namespace aio {

using detail::FutureBase;
using detail::TaskState;

FutureCallGraph::~FutureCallGraph() {
    std::vector<FutureCallGraph> rest = std::move(awaited_by);
    while (!rest.empty()) {
        FutureCallGraph node = std::move(rest.back());
        rest.pop_back();
        for (FutureCallGraph& child : node.awaited_by) rest.push_back(std::move(child));
        node.awaited_by.clear();
    }
}

namespace {

using Stack = std::vector<FrameCallGraphEntry>;

void limit_stack(Stack& stack, const CallGraphOptions& options) {
    std::reverse(stack.begin(), stack.end());
    detail::apply_limit(stack, options.get_limit());
    std::reverse(stack.begin(), stack.end());
}

void fill(FutureCallGraph& node, const CallGraphOptions& options) {
    FutureBase& future = *node.future.state();
    if (const TaskState* task = future.as_task()) {
        node.call_stack = detail::call_stack(*task);
        limit_stack(node.call_stack, options);
        if (task->suspended_at()) node.waits_for = task->describe_wait();
    }
    const std::vector<FutureBase*> awaiters = detail::awaiters_of(future);
    node.awaited_by.reserve(awaiters.size());  // their addresses are kept while the graph is built
    for (FutureBase* awaiter : awaiters) {
        node.awaited_by.emplace_back(AnyFuture(Ref<FutureBase>(awaiter)));
    }
}

// Each future is filled in where it is met first.
void build(FutureCallGraph& root, const CallGraphOptions& options) {
    struct Level {
        FutureCallGraph* node;
        std::size_t next;
    };
    std::unordered_map<const FutureBase*, bool> on_path;
    std::vector<Level> path{{&root, 0}};
    on_path[root.future.state().get()] = true;
    fill(root, options);
    while (!path.empty()) {
        Level& level = path.back();
        if (level.next == level.node->awaited_by.size()) {
            on_path[level.node->future.state().get()] = false;
            path.pop_back();
            continue;
        }
        FutureCallGraph& child = level.node->awaited_by[level.next++];
        const auto [seen, first] = on_path.emplace(child.future.state().get(), true);
        if (first) {
            fill(child, options);
            path.push_back({&child, 0});
        } else {
            child.repeat = seen->second ? FutureCallGraph::Repeat::cycle : FutureCallGraph::Repeat::above;
        }
    }
}

bool same_function(const SourceLocation& created, const SourceLocation& asking) {
    if (std::string_view(created.file_name()) != asking.file_name()) return false;
    const std::string_view text = asking.function_name();
    if (text == created.function_name()) return true;
    // Inside a coroutine g++ has another function, "void f(f()::_Z1fv.Frame*)".
    return text.ends_with("Frame*)") && function_name(created) == function_name(asking);
}

// Adds the frame that asks to the stack of the task that runs, which ends with its outermost coroutine.
void add_caller(Stack& stack, const SourceLocation& where) {
    using Kind = FrameCallGraphEntry::Kind;
    if (!stack.empty() && same_function(stack.front().function, where)) {
        stack.front().line = where.line();
        return;
    }
    const std::string_view signature = where.function_name();
    const bool coroutine = signature.substr(0, signature.find('(')).find("Coro<") != signature.npos;
    stack.insert(stack.begin(), {where, where.line(), coroutine ? Kind::coroutine : Kind::function});
}

}  // namespace

std::optional<FutureCallGraph> capture_call_graph(const AnyFuture& future, const CallGraphOptions& options,
                                                  SourceLocation where) {
    if (!future && !get_running_loop_or_null()) {
        throw RuntimeError(
            "capture_call_graph() is called outside of a running event loop and no *future* to introspect "
            "was "
            "provided");
    }
    const AnyTask current = current_task();
    FutureCallGraph graph(future ? future : current);
    if (!graph.future) return std::nullopt;
    build(graph, options);
    if (graph.future == current && options.get_depth() <= 1) {
        graph.call_stack = detail::call_stack(*current.state()->as_task());
        add_caller(graph.call_stack, where);
        limit_stack(graph.call_stack, options);
    }
    return graph;
}

}  // namespace aio
