// SPDX-License-Identifier: MIT
#include <aio/inspect/task_graph_impl.hpp>
#include <aio/inspect/task_stack.hpp>
#include <aio/inspect/task_tree.hpp>

#include <sys/syscall.h>
#include <unistd.h>
#include <array>
#include <cinttypes>
#include <cstdio>

namespace aio {
namespace {

using Row = std::array<std::string, 7>;
constexpr std::array<std::size_t, 7> kWidths{10, 20, 20, 50, 50, 15, 15};

void add_row(std::string& text, const Row& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) line += ' ';
        line += row[i];
        if (row[i].size() < kWidths[i]) line.append(kWidths[i] - row[i].size(), ' ');
    }
    text += line + "\n";
}

std::string id_of(detail::TaskState* task) {
    char text[24];
    const detail::FutureBase* future = task ? &task->future() : nullptr;
    std::snprintf(text, sizeof text, "0x%" PRIxPTR, reinterpret_cast<std::uintptr_t>(future));
    return text;
}

// Innermost first, as asyncio has it; ahead of it what the innermost waits for.
std::string chain_of(const detail::TaskState& task) {
    std::string chain;
    if (task.suspended_at() && task.waits_for()) chain = task.waits_for()->describe();
    for (const FrameCallGraphEntry& entry : detail::call_stack(task)) {
        chain += (chain.empty() ? "" : " -> ") + entry.name();
    }
    return chain;
}

}  // namespace

std::string format_task_table(EventLoop& loop) {
    const detail::TaskGraph graph(loop);
    std::string text;
    add_row(text, {"tid", "task id", "task name", "coroutine stack", "awaiter chain", "awaiter name",
                   "awaiter id"});
    text += std::string(180, '-') + "\n";
    const std::string tid = std::to_string(::syscall(SYS_gettid));
    for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
        detail::TaskState& task = *graph.tasks[i];
        const Row row{tid, id_of(&task), task.name(), chain_of(task), "", "", id_of(nullptr)};
        if (graph.awaiters[i].empty()) add_row(text, row);
        for (const std::uint32_t place : graph.awaiters[i]) {
            detail::TaskState& awaiter = *graph.tasks[place];
            add_row(text, {tid, row[1], row[2], row[3], chain_of(awaiter), awaiter.name(), id_of(&awaiter)});
        }
    }
    return text;
}

}  // namespace aio
