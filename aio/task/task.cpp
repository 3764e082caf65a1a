// SPDX-License-Identifier: MIT
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/task/task.hpp>

namespace aio {
namespace detail {

bool may_create(const EventLoop& loop, bool has_frame) noexcept {
    try {
        loop.check_call();
        return has_frame;
    } catch (const RuntimeError&) {
        return false;
    }
}

Ref<FutureBase> start_task(EventLoop& loop, TaskState& task, const TaskOptions& options) {
    Ref<FutureBase> future(&task.future());
    if (options.get_name()) task.set_name(*options.get_name());
    if (options.get_eager_start() && here.loop == &loop) {
        task.run_eagerly();
    } else {
        loop.ready().push(task);
    }
    return future;
}

void check_belongs(const FutureBase& future, const EventLoop& loop) {
    if (&future.loop() == &loop) return;
    throw ValueError("The future belongs to a different loop than the one specified as the loop argument");
}

AnyTask call_task_factory(EventLoop& loop, TaskRequest& request) {
    const std::shared_ptr<void> factory = loop.parts().task_factory;  // it may replace itself
    return (*static_cast<const TaskFactory*>(factory.get()))(loop, request);
}

}  // namespace detail

void set_task_factory(EventLoop& loop, TaskFactory factory) {
    loop.parts().task_factory = factory ? std::make_shared<TaskFactory>(std::move(factory)) : nullptr;
}

const TaskFactory* get_task_factory(EventLoop& loop) noexcept {
    return static_cast<const TaskFactory*>(loop.parts().task_factory.get());
}

AnyTask eager_task_factory(EventLoop&, TaskRequest& request) {
    request.options.eager_start(true);
    return request.create();
}

AnyTask current_task() noexcept {
    detail::TaskState* task = detail::here.task;
    return task ? AnyTask::from_state(Ref<detail::FutureBase>(&task->future())) : AnyTask();
}

AnyTask current_task(const EventLoop& loop) noexcept {
    return &loop == detail::here.loop ? current_task() : AnyTask();
}

std::vector<AnyTask> all_tasks(EventLoop& loop) {
    std::vector<AnyTask> tasks;
    const detail::ListLink& head = loop.parts().tasks;
    for (detail::ListLink* link = head.next; link != &head; link = link->next) {
        auto* task = static_cast<detail::TaskState*>(link);
        tasks.push_back(AnyTask::from_state(Ref<detail::FutureBase>(&task->future())));
    }
    return tasks;
}

std::vector<AnyTask> all_tasks() { return all_tasks(get_running_loop()); }

}  // namespace aio
