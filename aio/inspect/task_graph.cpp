// SPDX-License-Identifier: MIT
#include <aio/inspect/awaited_by.hpp>
#include <aio/inspect/task_graph_impl.hpp>
#include <aio/loop/loop_parts_impl.hpp>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace aio::detail {
namespace {

// The tasks that wait for `future`, itself or through other futures.
std::vector<TaskState*> awaiting_tasks(const FutureBase& future) {
    std::vector<TaskState*> tasks;
    std::unordered_set<const FutureBase*> seen;
    std::vector<FutureBase*> open = awaiters_of(future);
    for (std::size_t i = 0; i < open.size(); ++i) {
        if (!seen.insert(open[i]).second) continue;
        if (TaskState* task = open[i]->as_task()) {
            tasks.push_back(task);
        } else {
            for (FutureBase* further : awaiters_of(*open[i])) open.push_back(further);
        }
    }
    return tasks;
}

}  // namespace

TaskGraph::TaskGraph(EventLoop& loop) {
    const ListLink& head = loop.parts().tasks;
    std::unordered_map<const TaskState*, std::uint32_t> places;
    for (ListLink* link = head.next; link != &head; link = link->next) {
        auto* task = static_cast<TaskState*>(link);
        places.emplace(task, static_cast<std::uint32_t>(tasks.size()));
        tasks.push_back(task);
    }
    awaited.resize(tasks.size());
    awaiters.resize(tasks.size());
    for (std::uint32_t place = 0; place < tasks.size(); ++place) {
        for (const TaskState* awaiter : awaiting_tasks(tasks[place]->future())) {
            const auto found = places.find(awaiter);
            if (found == places.end()) continue;  // another loop's, named by future_add_to_awaited_by()
            awaited[found->second].push_back(place);
            awaiters[place].push_back(found->second);
        }
    }
}

std::vector<std::vector<std::uint32_t>> TaskGraph::cycles() const {
    enum class State : std::uint8_t { fresh, on_path, done };
    struct Level {
        std::uint32_t task;
        std::size_t next;
    };
    std::vector<std::vector<std::uint32_t>> found;
    std::vector<State> states(tasks.size(), State::fresh);
    for (std::uint32_t start = 0; start < tasks.size(); ++start) {
        if (states[start] != State::fresh) continue;
        std::vector<Level> path{{start, 0}};
        states[start] = State::on_path;
        while (!path.empty()) {
            Level& level = path.back();
            if (level.next == awaited[level.task].size()) {
                states[level.task] = State::done;
                path.pop_back();
                continue;
            }
            const std::uint32_t child = awaited[level.task][level.next++];
            if (states[child] == State::fresh) {
                states[child] = State::on_path;
                path.push_back({child, 0});
            } else if (states[child] == State::on_path) {
                auto from = std::find_if(path.begin(), path.end(),
                                         [child](const Level& on_path) { return on_path.task == child; });
                std::vector<std::uint32_t>& cycle = found.emplace_back();
                for (; from != path.end(); ++from) cycle.push_back(from->task);
            }
        }
    }
    return found;
}

}  // namespace aio::detail
