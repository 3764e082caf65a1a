// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/task/detail/cancel_chain.hpp>
#include <aio/task/detail/future_state.hpp>
#include <aio/task/task_state.hpp>
#include <aio/task/waiter.hpp>

#include <atomic>

namespace aio::detail {
namespace {

// Each thread takes 1,024 numbers at a time, so that loops in threads share nothing for a task. A
// program with one thread counts 1, 2, 3.
constexpr std::uint64_t kNumbers = 1024;
std::atomic<std::uint64_t> numbers_taken{0};
constinit thread_local std::uint64_t last_number = 0;  // a multiple of kNumbers if there is none left

// The last call of the constructor: in the middle the thread-local would have it save more registers.
[[gnu::noinline]] void take_number(std::uint64_t& name) noexcept {
    if (last_number % kNumbers == 0)
        last_number = numbers_taken.fetch_add(kNumbers, std::memory_order_relaxed);
    name = ++last_number * 2 + 1;
}

// Tasks whose text is being made in this thread, innermost first: one may wait for another that waits
// for the first, or a thousand for each other.
struct ActiveRepr {
    const TaskState* task;
    const ActiveRepr* outer;
};
constinit thread_local const ActiveRepr* active_repr = nullptr;
constexpr int kDeepestRepr = 10;
constinit thread_local bool describing_wait = false;

// What a loop that closes does with its tasks. Each abandoned task may take others with it.
void release_tasks(EventLoop& loop) noexcept {
    LoopParts& parts = loop.parts();
    while (parts.tasks.linked()) static_cast<TaskState*>(parts.tasks.next)->abandon();
}

constexpr TasksLayer tasks_layer{release_tasks, []() noexcept { here.task = nullptr; }};

}  // namespace

TaskState::TaskState(EventLoop& loop, std::coroutine_handle<> root, ContextSlot&& context)
    : root_(root), resume_at_(root), context_(std::move(context)) {
    LoopParts& parts = loop.parts();
    link_before(parts.tasks);
    ++parts.task_count;
    parts.tasks_layer = &tasks_layer;
    take_number(name_);
}

TaskState::~TaskState() {
    if (!(name_ & 1)) delete reinterpret_cast<std::string*>(name_);
}

void TaskState::run() {
    if (must_cancel_ && !started_) [[unlikely]] {  // S40: the body never runs
        destroy_frame();
        finish();
        return;
    }
    step();
}

// The last thing a task does: the loop's reference goes, and with it perhaps the task.
void TaskState::finish() {
    FutureBase& result = future();
    std::exception_ptr error;
    if (has_frame_) {
        error = take_outcome();
        destroy_frame();
    }
    leave_loop(result.loop());
    if (error) [[unlikely]] {
        const bool cancelled = is_cancelled_error(error);
        result.store_error(error, !cancelled);
        result.settle(cancelled ? FutureBase::State::cancelled : FutureBase::State::finished);
    } else if (std::exchange(must_cancel_, false))
        [[unlikely]] {  // S40, S48; the request's message stays as the error
        result.settle(FutureBase::State::cancelled);
    } else {
        if (result.error_) result.error_ = nullptr;  // the message of a request that was taken back
        result.settle(FutureBase::State::finished);
    }
    result.release();
    if (error && is_exit_exception(error)) std::rethrow_exception(error);  // S38
}

void TaskState::step() {
    started_ = true;
    waiter_ = nullptr;
    TaskState* const outer_task = std::exchange(here.task, this);
    ContextSlot* const outer_context = std::exchange(here.context, &context_);
    std::exchange(resume_at_, nullptr).resume();
    here.context = outer_context;
    here.task = outer_task;
    if (root_.done()) {
        finish();
    } else if (must_cancel_ && waiter_) [[unlikely]] {
        hand_on_own_request();
    }
}

// S48: it cancelled itself before it suspended.
void TaskState::hand_on_own_request() {
    must_cancel_ = false;
    const std::exception_ptr cause = future().error_;
    CancelChain::forward(*this, cause);
}

void TaskState::run_eagerly() { step(); }

bool TaskState::request_cancel(const std::exception_ptr& cause) {
    return CancelChain::cancel(future(), cause);
}

void TaskState::keep_request(const std::exception_ptr& cause) noexcept {
    must_cancel_ = true;
    future().error_ = cause;
}

void TaskState::break_circle(const std::exception_ptr& cause) {
    if (must_cancel_) return;
    waiter_->withdraw();
    schedule();
    keep_request(cause);
}

void TaskState::schedule() { schedule_in(future().loop()); }

void TaskState::schedule_guarded(EventLoop& loop) {
    if (loop.is_closed()) return;
    loop.check_thread();
    loop.ready().push(*this);
}

unsigned TaskState::uncancel() noexcept {
    if (cancel_requests_ > 0 && --cancel_requests_ == 0) must_cancel_ = false;
    return cancel_requests_;
}

void TaskState::set_cancel_cause(const std::exception_ptr& cause) noexcept { future().error_ = cause; }

CancelledError TaskState::take_request() noexcept {
    must_cancel_ = false;
    return to_cancelled_error(future().take_error());
}

void TaskState::destroy_frame() noexcept {
    if (!has_frame_) return;
    const std::coroutine_handle<> frame = root_;
    ended_location_ = this->frame().location();
    has_frame_ = false;
    frame.destroy();
}

void TaskState::leave_loop(EventLoop& loop) noexcept {
    if (!linked()) return;
    unlink();
    --loop.parts().task_count;
}

void TaskState::abandon() noexcept {
    FutureBase& result = future();
    leave_loop(result.loop());
    waiter_ = nullptr;
    TaskState* const outer_task = std::exchange(here.task, nullptr);  // of another loop
    // If others hold it the frame goes now, so that tasks that wait for each other cannot keep themselves
    // alive, and the report comes with the last handle. Else the report is first.
    if (result.shared()) destroy_frame();
    result.release();
    here.task = outer_task;
}

std::string TaskState::name() const {
    if (name_ & 1) return "Task-" + std::to_string(name_ / 2);
    return *reinterpret_cast<const std::string*>(name_);
}

void TaskState::set_name(std::string name) {
    auto* replacement = new std::string(std::move(name));
    if (!(name_ & 1)) delete reinterpret_cast<std::string*>(name_);
    name_ = reinterpret_cast<std::uint64_t>(replacement);
}

std::string TaskState::task_repr() const {
    const ActiveRepr active{this, active_repr};
    int depth = 0;
    for (const ActiveRepr* outer = active.outer; outer; outer = outer->outer) {
        if (outer->task == this || ++depth == kDeepestRepr) return "...";
    }
    struct Scope {
        explicit Scope(const ActiveRepr& now) noexcept { active_repr = &now; }
        ~Scope() { active_repr = active_repr->outer; }
    } scope(active);
    const FutureBase& result = const_cast<TaskState*>(this)->future();
    std::string text = "<Task ";
    switch (result.state()) {
        case FutureBase::State::pending:
            text += cancel_requests_ > 0 ? "cancelling" : "pending";
            break;
        case FutureBase::State::cancelled:
            text += "cancelled";
            break;
        case FutureBase::State::finished:
            text += "finished";
            break;
    }
    text += " name='" + name() + "' coro=<" + coroutine_repr() + ">";
    if (!result.done() && waiter_ && !describing_wait) text += " wait_for=" + waiter_->describe();
    return text + result.outcome_repr() + result.callbacks_repr() + ">";
}

std::string TaskState::describe_wait() const {
    struct Scope {
        bool outer = std::exchange(describing_wait, true);
        ~Scope() { describing_wait = outer; }
    } const scope;
    return waiter_ ? waiter_->describe() : std::string();
}

// "f() running at file.cpp:12", with the line of the co_await if it is known.
std::string TaskState::coroutine_repr() const {
    const SourceLocation place = location();
    unsigned line = place.line();
    if (suspended_at() && frame().await_line() != 0) line = frame().await_line();
    return function_name(place) + (has_frame_ ? "() running at " : "() done, defined at ") +
           file_name(place) + ":" + std::to_string(line);
}

bool LeafWaiter::cancel(const std::exception_ptr& cause) {
    if (state_ == State::cancelled) return true;  // one error for both requests, with the first's message
    if (state_ != State::waiting) return false;
    withdraw();
    state_ = State::cancelled;
    task_->set_cancel_cause(cause);
    task_->schedule();
    return true;
}

void raise_no_task() {
    throw RuntimeError("awaited outside of a task: nothing of aio can wake this coroutine");
}

void raise_reused() { throw RuntimeError("cannot reuse already awaited coroutine"); }

}  // namespace aio::detail
