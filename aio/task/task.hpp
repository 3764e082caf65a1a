// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/coro.hpp>
#include <aio/task/detail/refusals.hpp>
#include <aio/task/detail/to_coro.hpp>
#include <aio/task/future.hpp>
#include <aio/task/task_factory.hpp>

#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio {

struct FrameCallGraphEntry;
template <class T>
class AnyAwaitable;

namespace detail {

template <class T>
class TaskOf final : public FutureValue<T>, public TaskState, public pool::Pooled {
public:
    TaskOf(EventLoop& loop, typename Coro<T>::Frame frame, ContextSlot&& context)
        : FutureValue<T>(loop), TaskState(loop, frame, std::move(context)) {
        this->hold();
    }

    FutureBase& future() noexcept override { return *this; }
    TaskState* as_task() noexcept override { return this; }
    bool cancel(const std::exception_ptr& cause) override { return this->request_cancel(cause); }
    std::string repr() const override { return this->task_repr(); }  // of both bases

private:
    ~TaskOf() override { this->destroy_frame(); }
    void destroy() noexcept override { delete this; }
    void report_on_death() noexcept override {
        if (this->done()) {
            FutureBase::report_on_death();
        } else if (!this->answered_for()) {
            this->report("Task", " was destroyed but it is pending!", "task", nullptr);
        }
    }
    const CoroutineBase& frame() const noexcept override { return promise(); }
    CoroPromise<T>& promise() const noexcept {
        return Coro<T>::Frame::from_address(this->root().address()).promise();
    }
    std::exception_ptr take_outcome() override {
        auto& ended = promise();
        if constexpr (std::is_void_v<T>) {
            return ended.error();
        } else {
            try {
                if (!ended.has_value()) [[unlikely]]
                    return ended.failure();
                this->store(ended.take());
            } catch (...) {
                return std::current_exception();
            }
            return nullptr;
        }
    }
};

// Defined by aio/inspect; `limit` keeps the innermost frames, and no stream is stderr.
std::vector<FrameCallGraphEntry> get_stack(const TaskState& task, std::optional<int> limit);
void print_stack(TaskState& task, std::optional<int> limit, std::FILE* stream);

/// What the handles of tasks have beyond those of futures.
template <class Handle>
class TaskMethods {
public:
    std::string get_name() const { return task("Task.get_name()").name(); }
    void set_name(std::string name) const { task("Task.set_name()").set_name(std::move(name)); }
    /// Requests to cancel that were not taken back (S43).
    unsigned cancelling() const { return task("Task.cancelling()").cancelling(); }
    /// Takes one request back; at zero an undelivered cancellation is withdrawn. Returns what is left.
    unsigned uncancel() const { return task("Task.uncancel()").uncancel(); }
    /// The task's context.
    Context get_context() const { return task("Task.get_context()").context().to_context(); }
    /// The coroutine function that the task runs.
    SourceLocation get_coro() const { return task("Task.get_coro()").location(); }

    /// The coroutines in which it is suspended, outermost first; only the outermost while it runs, none
    /// when it has ended. Needs <aio/inspect.hpp>.
    std::vector<FrameCallGraphEntry> get_stack(std::optional<int> limit = {}) const {
        return detail::get_stack(task("Task.get_stack()"), limit);
    }
    /// Writes them to `stream`, by default stderr, as Python does; after them the error if it has failed.
    void print_stack(std::optional<int> limit = {}, std::FILE* stream = nullptr) const {
        detail::print_stack(task("Task.print_stack()"), limit, stream);
    }

private:
    TaskState& task(const char* call) const {
        return *static_cast<const Handle&>(*this).state(call).as_task();
    }
};

}  // namespace detail

/// Handle to a task of any result type: what current_task() and all_tasks() give.
class AnyTask : public AnyFuture, public detail::TaskMethods<AnyTask> {
public:
    AnyTask() noexcept = default;
    template <class T>
    AnyTask(const Task<T>& task) : AnyFuture(task) {}  // NOLINT(google-explicit-constructor)
    static AnyTask from_state(Ref<detail::FutureBase> state) noexcept {
        AnyTask task;
        task.state_ = std::move(state);
        return task;
    }
};

/// A future that drives a coroutine. Mirrors asyncio.Task.
///
/// The loop keeps a running task alive: dropping the handle neither cancels nor loses it, and an
/// error that nobody looked at is reported when the last handle goes (S25).
template <class T = void>
class Task : public Future<T>, public detail::TaskMethods<Task<T>> {
public:
    Task() noexcept = default;
    static Task from_state(Ref<detail::FutureBase> state) noexcept {
        Task task;
        task.state_ = std::move(state);
        return task;
    }

    /// As Future's, but the callback is given a Task<T>.
    template <class F, class... Args>
        requires(!std::same_as<std::decay_t<F>, Context>)
    DoneCallback add_done_callback(F&& fn, Args&&... args) const {
        return detail::add_done_callback(*this, detail::ContextSlot::copy_current(), std::forward<F>(fn),
                                         std::forward<Args>(args)...);
    }
    template <class F, class... Args>
    DoneCallback add_done_callback(const Context& context, F&& fn, Args&&... args) const {
        return detail::add_done_callback(*this, detail::ContextSlot::share(context), std::forward<F>(fn),
                                         std::forward<Args>(args)...);
    }
};

namespace detail {

Ref<FutureBase> start_task(EventLoop& loop, TaskState& task, const TaskOptions& options);
AnyTask call_task_factory(EventLoop& loop, TaskRequest& request);
/// Throws ValueError unless `future` is of `loop`.
void check_belongs(const FutureBase& future, const EventLoop& loop);
bool may_create(const EventLoop& loop, bool has_frame) noexcept;
template <class T>
void check_can_create(const EventLoop& loop, Coro<T>& coro) {
    if (!loop.is_guarded() && coro) [[likely]]
        return;
    if (may_create(loop, static_cast<bool>(coro))) return;
    coro.close();  // the error tells of it, so it is not reported as never awaited
    loop.check_call();
    coro.check_unused();
}

template <class T>
class TaskRequestOf final : public TaskRequest {
public:
    TaskRequestOf(EventLoop& loop, Coro<T>&& coro, TaskOptions&& given)
        : TaskRequest(std::move(given)), loop_(loop), coro_(std::move(coro)) {}

    AnyTask create() override { return make(); }

    Task<T> make() {
        check_can_create(loop_, coro_);
        ContextSlot context =
            options.get_context() ? ContextSlot::share(*options.get_context()) : ContextSlot::copy_current();
        auto* task = new TaskOf<T>(loop_, coro_.release(), std::move(context));
        return Task<T>::from_state(start_task(loop_, *task, options));
    }

private:
    EventLoop& loop_;
    Coro<T> coro_;
};

template <class T>
Task<T> make_task(EventLoop& loop, Coro<T>&& coro, TaskOptions&& options) {
    TaskRequestOf<T> request(loop, std::move(coro), std::move(options));
    if (!get_task_factory(loop)) [[likely]]
        return request.make();
    const AnyTask task = call_task_factory(loop, request);
    if (!dynamic_cast<FutureValue<T>*>(task.state().get())) {
        throw TypeError("the task factory did not return what TaskRequest::create() gives");
    }
    return Task<T>::from_state(task.state());
}

// The frequent case: default name, context and factory.
template <class T>
Task<T> make_task(EventLoop& loop, Coro<T>&& coro) {
    if (get_task_factory(loop)) [[unlikely]]
        return make_task(loop, std::move(coro), TaskOptions());
    check_can_create(loop, coro);
    auto* task = new TaskOf<T>(loop, coro.release(), ContextSlot::copy_current());
    loop.ready().push(*task);
    return Task<T>::from_state(Ref<FutureBase>(task));
}

template <TaskSource A>
auto create_task_on(EventLoop& loop, A&& awaitable) {
    return make_task(loop, to_coro(std::forward<A>(awaitable)));
}
template <TaskSource A>
auto create_task_on(EventLoop& loop, A&& awaitable, std::string name) {
    return make_task(loop, to_coro(std::forward<A>(awaitable)), TaskOptions().name(std::move(name)));
}
template <TaskSource A>
auto create_task_on(EventLoop& loop, A&& awaitable, TaskOptions options) {
    return make_task(loop, to_coro(std::forward<A>(awaitable)), std::move(options));
}
template <TaskSource A>
auto create_task_on(EventLoop& loop, TaskOptions options, A&& awaitable) {
    return make_task(loop, to_coro(std::forward<A>(awaitable)), std::move(options));
}

template <class F, class... Args>
    requires TaskFunction<F, Args...>
auto create_task_on(EventLoop& loop, F&& fn, Args&&... args) {
    return make_task(loop, to_coro_call(std::forward<F>(fn), std::forward<Args>(args)...));
}
template <class F, class... Args>
    requires TaskFunction<F, Args...>
auto create_task_on(EventLoop& loop, TaskOptions options, F&& fn, Args&&... args) {
    return make_task(loop, to_coro_call(std::forward<F>(fn), std::forward<Args>(args)...),
                     std::move(options));
}

template <class... Args>
concept TaskArguments =
    requires(EventLoop& loop, Args&&... args) { create_task_on(loop, std::forward<Args>(args)...); };

}  // namespace detail

/// Makes a task on the running loop; it starts in the next iteration (S30). Mirrors
/// asyncio.create_task(). Takes
/// - a coroutine, or any other awaitable that is not a future;
/// - or a callable that gives an awaitable, and its arguments. Both are moved into the task, so a capturing
///   lambda is safe here.
/// TaskOptions stand before either; behind a coroutine they, or a name, may stand as well.
/// Returns Task<T>. Throws RuntimeError if no loop runs or the coroutine was awaited already.
template <class First, class... Rest>
    requires detail::MeantForTask<First> || detail::TaskArguments<First, Rest...>
auto create_task(First&& first, Rest&&... rest) {
    if constexpr (detail::TaskArguments<First, Rest...>) {
        return detail::create_task_on(get_running_loop(), std::forward<First>(first),
                                      std::forward<Rest>(rest)...);
    } else {
        detail::refuse_task<First, Rest...>();
    }
}

namespace detail {
template <class A>
inline constexpr bool is_any_awaitable = false;
template <class T>
inline constexpr bool is_any_awaitable<AnyAwaitable<T>> = true;
}  // namespace detail

/// Futures and tasks come back unchanged, coroutines and other awaitables as tasks (S27).
template <class A>
    requires Awaitable<A>
auto ensure_future(A&& awaitable) {
    if constexpr (std::derived_from<std::remove_cvref_t<A>, AnyFuture>) {
        return std::remove_cvref_t<A>(std::forward<A>(awaitable));
    } else if constexpr (detail::is_any_awaitable<std::remove_cvref_t<A>>) {
        return awaitable.to_future();
    } else {
        return create_task(std::forward<A>(awaitable));
    }
}

/// The same on a given loop, which need not run yet. Throws ValueError for another loop's future.
template <class A>
    requires Awaitable<A>
auto ensure_future(A&& awaitable, EventLoop& loop) {
    if constexpr (std::derived_from<std::remove_cvref_t<A>, AnyFuture>) {
        detail::check_belongs(awaitable.state("ensure_future()"), loop);
        return std::remove_cvref_t<A>(std::forward<A>(awaitable));
    } else if constexpr (detail::is_any_awaitable<std::remove_cvref_t<A>>) {
        return awaitable.to_future(loop);
    } else {
        return loop.create_task(std::forward<A>(awaitable));
    }
}

/// Whether it is a future or a task, known to the compiler.
template <class A>
constexpr bool isfuture(const A&) noexcept {
    return std::derived_from<A, AnyFuture>;
}
/// Whether it is a coroutine object.
template <class A>
constexpr bool iscoroutine(const A&) noexcept {
    return detail::is_coro<A>;
}

/// The task that runs now; empty in plain callbacks (S35).
AnyTask current_task() noexcept;
/// The same, of `loop`: empty unless it is the one that runs in this thread.
AnyTask current_task(const EventLoop& loop) noexcept;

/// The unfinished tasks of the running loop, also those not started yet, oldest first.
std::vector<AnyTask> all_tasks();
std::vector<AnyTask> all_tasks(EventLoop& loop);

template <class... Args>
auto EventLoop::create_task(Args&&... args) {
    if constexpr (detail::TaskArguments<Args...>) {
        return detail::create_task_on(*this, std::forward<Args>(args)...);
    } else {
        detail::refuse_task<Args...>();
    }
}

}  // namespace aio

template <>
struct std::hash<aio::AnyTask> : hash<aio::AnyFuture> {};
template <class T>
struct std::hash<aio::Task<T>> : hash<aio::AnyFuture> {};
