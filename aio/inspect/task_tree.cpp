// SPDX-License-Identifier: MIT
#include <aio/inspect/task_graph_impl.hpp>
#include <aio/inspect/task_stack.hpp>
#include <aio/inspect/task_tree.hpp>
#include <aio/loop/loop_parts_impl.hpp>

#include <algorithm>

namespace aio {
namespace {

using detail::TaskGraph;
using detail::TaskState;

constexpr std::size_t kDeepest = 50;       // tasks below each other before a new tree begins
constexpr std::size_t kMostCycles = 10;    // that are listed
constexpr std::size_t kLongestCycle = 20;  // of which all tasks are named

class TreeText {
public:
    explicit TreeText(EventLoop& loop) : graph_(loop), states_(graph_.tasks.size(), State::fresh) {}

    std::string text() {
        for (std::uint32_t task = 0; task < states_.size(); ++task) {
            if (graph_.awaiters[task].empty()) add_tree(task);
        }
        for (std::uint32_t task = 0; task < states_.size(); ++task) {  // what only circles lead to
            if (states_[task] == State::fresh) add_tree(task);
        }
        add_cycles();
        return std::move(text_);
    }

private:
    enum class State : std::uint8_t { fresh, on_path, done };
    struct Item {
        std::uint32_t task;
        std::uint32_t depth;  // tasks above it
        std::size_t prefix;   // how much of prefix_ stands in front of it
        bool last;            // of its siblings
    };

    void add_tree(std::uint32_t root) {
        deferred_.assign(1, root);
        for (std::size_t i = 0; i < deferred_.size(); ++i) {
            if (states_[deferred_[i]] != State::fresh) continue;
            open_.push_back({deferred_[i], 0, 0, true});
            while (!open_.empty()) {
                const Item item = open_.back();
                open_.pop_back();
                leave_to(item.depth);
                add_task(item);
            }
            leave_to(0);
        }
    }

    void leave_to(std::uint32_t depth) {
        for (; path_.size() > depth; path_.pop_back()) states_[path_.back()] = State::done;
    }

    void add_task(const Item& item) {
        const TaskState& task = *graph_.tasks[item.task];
        const char* remark = "";
        State& state = states_[item.task];
        if (state == State::on_path) remark = " (cycle)";
        if (state == State::done) remark = " (shown above)";
        const bool shown_here = state == State::fresh && item.depth < kDeepest;
        if (state == State::fresh && !shown_here) {
            remark = " (continued below)";
            deferred_.push_back(item.task);
        }
        if (shown_here && !task.suspended_at()) remark = " (running)";
        if (shown_here && !task.started()) remark = " (not started)";
        prefix_.resize(item.prefix);
        add_line(item.last, "(T) " + task.name() + remark);
        if (!shown_here) return;
        state = State::on_path;
        path_.push_back(item.task);
        add_contents(item, task);
    }

    void add_contents(const Item& item, const TaskState& task) {
        const std::vector<FrameCallGraphEntry> stack = detail::call_stack(task);
        for (std::size_t i = stack.size(); i-- > 0;) {
            add_line(true, " " + stack[i].name() + " " + file_name(stack[i].function) + ":" +
                               std::to_string(stack[i].line));
        }
        const std::vector<std::uint32_t>& children = graph_.awaited[item.task];
        if (children.empty() && task.suspended_at() && task.waits_for()) {
            add_line(true, " " + task.waits_for()->describe());
        }
        for (std::size_t i = children.size(); i-- > 0;) {
            open_.push_back({children[i], item.depth + 1, prefix_.size(), i + 1 == children.size()});
        }
    }

    // A line, and the prefix of what comes below it.
    void add_line(bool last, const std::string& label) {
        text_ += prefix_ + (last ? "└── " : "├── ") + label + "\n";
        prefix_ += last ? "    " : "│   ";
    }

    void add_cycles() {
        const std::vector<std::vector<std::uint32_t>> cycles = graph_.cycles();
        for (std::size_t i = 0; i < std::min(cycles.size(), kMostCycles); ++i) {
            const std::vector<std::uint32_t>& cycle = cycles[i];
            text_ += "cycle: ";
            for (std::size_t j = 0; j < std::min(cycle.size(), kLongestCycle); ++j) {
                text_ += graph_.tasks[cycle[j]]->name() + " → ";
            }
            if (cycle.size() > kLongestCycle) {
                text_ += "(" + std::to_string(cycle.size() - kLongestCycle) + " more) → ";
            }
            text_ += graph_.tasks[cycle[0]]->name() + "\n";
        }
        if (cycles.size() > kMostCycles) {
            text_ += "and " + std::to_string(cycles.size() - kMostCycles) + " more cycles\n";
        }
    }

    const TaskGraph graph_;
    std::vector<State> states_;
    std::vector<std::uint32_t> deferred_;  // roots of what is too deep
    std::vector<std::uint32_t> path_;      // from the root to the task shown last
    std::vector<Item> open_;
    std::string prefix_;
    std::string text_;
};

}  // namespace

std::string format_task_tree(EventLoop& loop) { return TreeText(loop).text(); }

void print_task_tree(EventLoop& loop, std::FILE* stream) {
    std::fputs(format_task_tree(loop).c_str(), stream);
    std::fflush(stream);
}

void dump_tasks_on_signal(int signal, EventLoop& loop, std::FILE* stream) {
    loop.add_signal_handler(signal, [&loop, stream] { print_task_tree(loop, stream); });
    if (signal < 64) loop.parts().harmless_signals |= std::uint64_t{1} << signal;
}

}  // namespace aio
