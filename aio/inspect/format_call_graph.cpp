// SPDX-License-Identifier: MIT
#include <aio/inspect/call_graph.hpp>

#include <algorithm>
#include <cinttypes>

namespace aio {
namespace {

constexpr std::size_t kDeepestIndent = 50;

std::string id_of(const AnyFuture& future) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%" PRIxPTR, reinterpret_cast<std::uintptr_t>(future.state().get()));
    return text;
}

std::string heading(const FutureCallGraph& node) {
    std::string text = "* Future(";
    if (const detail::TaskState* task = node.future.state()->as_task()) {
        text = "* Task(name='" + task->name() + "', ";
    }
    text += "id=" + id_of(node.future) + ")";
    if (node.repeat == FutureCallGraph::Repeat::above) text += " (shown above)";
    if (node.repeat == FutureCallGraph::Repeat::cycle) text += " (cycle)";
    return text;
}

void add_node(std::string& text, const FutureCallGraph& node, std::size_t level) {
    const std::string indent(4 * std::min(level, kDeepestIndent), ' ');
    auto add_line = [&](const std::string& line) {
        if (!text.empty()) text += '\n';
        text += indent + line;
    };
    add_line(heading(node));
    if (!node.waits_for.empty()) add_line("  + Waits for: " + node.waits_for);
    if (!node.call_stack.empty()) add_line("  + Call stack:");
    for (const FrameCallGraphEntry& entry : node.call_stack) {
        const char* const tags[] = {"", "async ", "async generator "};
        add_line("  |   File '" + std::string(entry.file()) + "', line " + std::to_string(entry.line) +
                 ", in " + tags[static_cast<int>(entry.kind)] + entry.name() + "()");
    }
    if (!node.awaited_by.empty()) add_line("  + Awaited by:");
}

}  // namespace

std::string format_call_graph(const AnyFuture& future, const CallGraphOptions& options,
                              SourceLocation where) {
    const std::optional<FutureCallGraph> graph = capture_call_graph(future, options, where);
    if (!graph) return {};
    struct Level {
        const FutureCallGraph* node;
        std::size_t next;
    };
    std::string text;
    add_node(text, *graph, 0);
    std::vector<Level> path{{&*graph, 0}};
    while (!path.empty()) {
        Level& level = path.back();
        if (level.next == level.node->awaited_by.size()) {
            path.pop_back();
            continue;
        }
        const FutureCallGraph& child = level.node->awaited_by[level.next++];
        add_node(text, child, path.size());
        path.push_back({&child, 0});
    }
    return text;
}

void print_call_graph(const AnyFuture& future, const CallGraphOptions& options, std::FILE* stream,
                      SourceLocation where) {
    std::fputs((format_call_graph(future, options, where) + "\n").c_str(), stream);
}

}  // namespace aio
