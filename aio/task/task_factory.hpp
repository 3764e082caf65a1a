// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/unique_function.hpp>
#include <aio/loop/contextvars.hpp>

#include <optional>
#include <string>
#include <utility>

namespace aio {

class AnyTask;
class EventLoop;

/// How a task is made: the keyword arguments of asyncio.create_task().
class TaskOptions {
public:
    TaskOptions() {}
    /// Label for reports; "Task-N" by default.
    TaskOptions& name(std::string name) & {
        name_ = std::move(name);
        return *this;
    }
    TaskOptions&& name(std::string name) && AIO_LIFETIME_BOUND {
        return std::move(this->name(std::move(name)));
    }
    /// Runs in this very context instead of a copy of the current one (S98).
    TaskOptions& context(Context context) & {
        context_ = std::move(context);
        return *this;
    }
    TaskOptions&& context(Context context) && AIO_LIFETIME_BOUND {
        return std::move(this->context(std::move(context)));
    }
    /// Runs the first step inside create_task() (S32); only while the loop runs.
    TaskOptions& eager_start(bool eager) & {
        eager_start_ = eager;
        return *this;
    }
    TaskOptions&& eager_start(bool eager) && AIO_LIFETIME_BOUND {
        return std::move(this->eager_start(eager));
    }
    const std::optional<std::string>& get_name() const noexcept { return name_; }
    const std::optional<Context>& get_context() const noexcept { return context_; }
    bool get_eager_start() const noexcept { return eager_start_; }

private:
    std::optional<std::string> name_;
    std::optional<Context> context_;
    bool eager_start_ = false;
};

/// A task about to be made, as a task factory sees it.
class TaskRequest {
public:
    TaskOptions options;
    /// Makes the task with `options`; to be called once.
    virtual AnyTask create() = 0;
    TaskRequest(const TaskRequest&) = delete;
    TaskRequest& operator=(const TaskRequest&) = delete;

protected:
    explicit TaskRequest(TaskOptions given) : options(std::move(given)) {}
    ~TaskRequest() = default;
};

/// Replaces how tasks are made: may change the request's options, calls create(), returns its result.
using TaskFactory = UniqueFunction<AnyTask(EventLoop&, TaskRequest&)>;

/// Installs a factory for every create_task() on `loop`; an empty one restores the default.
void set_task_factory(EventLoop& loop, TaskFactory factory);
/// The factory, or null.
const TaskFactory* get_task_factory(EventLoop& loop) noexcept;
/// Starts every new task at once until its first suspension (S32). Mirrors asyncio.eager_task_factory.
AnyTask eager_task_factory(EventLoop& loop, TaskRequest& request);

}  // namespace aio
