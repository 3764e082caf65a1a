// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/task/detail/future_state.hpp>
#include <aio/task/future.hpp>
#include <aio/task/waiter.hpp>

namespace aio::detail {

FutureBase::~FutureBase() {
    if (!nodes_.empty()) [[unlikely]]
        discard_callbacks();
    if (error_ && state_ == State::finished) [[unlikely]]
        forget_traceback(this, error_);
}

// Of a future that can never be done any more. Those who learn of it may give up futures of their own, and so
// on for a hundred thousand in a row: they have their turn one after the other, not within each other.
void FutureBase::discard_callbacks() noexcept {
    static constinit thread_local CallbackList discarded;
    static constinit thread_local bool busy = false;
    while (CallbackNode* node = nodes_.front()) {
        nodes_.remove(*node);
        discarded.push_back(*node);
    }
    if (std::exchange(busy, true)) return;
    while (CallbackNode* node = discarded.front()) {
        discarded.remove(*node);
        node->target->discard();
    }
    busy = false;
}

bool FutureBase::cancel(const std::exception_ptr& cause) {
    mark_retrieved();  // also of one that has failed: whoever cancels it does not want to hear of it
    if (done()) return false;
    error_ = cause;
    settle(State::cancelled);
    return true;
}

void FutureBase::add_node(CallbackNode& node) {
    if (done()) {
        queue(node);
    } else {
        nodes_.push_back(node);
    }
}

void FutureBase::queue(CallbackNode& node) noexcept {
    if (loop_->is_closed()) [[unlikely]] {
        node.target->discard();
        return;
    }
    node.queued = true;
    if (node.keeps_future) add_ref();
    loop_->ready().push(*node.target);
}

void FutureBase::settle(State state) noexcept {
    state_ = state;
    while (CallbackNode* node = nodes_.front()) {
        nodes_.remove(*node);
        queue(*node);
    }
}

void FutureBase::raise_unsettable(const char* operation) {
    if (as_task()) throw RuntimeError(std::string("Task does not support ") + operation + " operation");
    throw InvalidStateError("invalid state: " + repr());
}

void FutureBase::set_exception(std::exception_ptr error) {
    check_settable("set_exception");
    check_exception(error);
    store_error(std::move(error), true);
    settle(State::finished);
}

std::exception_ptr FutureBase::exception() {
    if (state_ == State::pending) throw InvalidStateError("Exception is not set.");
    if (state_ == State::cancelled) throw cancelled_error();
    log_exception_ = false;
    return error_;
}

// Each time another error, as in asyncio.
CancelledError FutureBase::cancelled_error() const noexcept { return to_cancelled_error(error_); }

void FutureBase::raise(SourceLocation at) {
    if (state_ == State::pending) throw InvalidStateError("Result is not set.");
    if (state_ == State::cancelled) {
        const std::exception_ptr error = std::make_exception_ptr(cancelled_error());
        inherit_traceback(error, error_);
        rethrow_at(at, error);
    }
    log_exception_ = false;
    rethrow_kept(this, at, error_);
}

// The exception handler gets a handle to the dying future and may keep it: then it lives on.
void FutureBase::last_reference_gone() noexcept {
    if (done() && !log_exception_) [[likely]] {  // nothing to report
        destroy();
        return;
    }
    refs_ = 1;
    if (!died_) {
        died_ = true;
        report_on_death();
    }
    if (--refs_ == 0) destroy();
}

void FutureBase::report_on_death() noexcept {
    if (!std::exchange(log_exception_, false)) return;
    report(as_task() ? "Task" : kind(), " exception was never retrieved", "future", error_);
}

void FutureBase::report(const char* type, const char* what, const char* key,
                        const std::exception_ptr& error) noexcept {
    loop_->report(error, [&] {
        ExceptionContext context(std::string(type) + what);
        context.exception(error).set(key, AnyFuture(Ref<FutureBase>(this)), repr());
        return context;
    });
}

std::string FutureBase::result_repr() const { return "None"; }

std::string FutureBase::repr() const {
    constexpr const char* kNames[] = {"pending", "cancelled", "finished"};
    return "<" + std::string(kind()) + " " + kNames[static_cast<int>(state_)] + outcome_repr() +
           callbacks_repr() + ">";
}

std::string FutureBase::outcome_repr() const {
    if (state_ != State::finished) return {};
    return error_ ? " exception=" + aio::describe(error_) : " result=" + result_repr();
}

// As asyncio: all if there are one or two, else the first and the last.
std::string FutureBase::callbacks_repr() const {
    auto text = [](const CallbackNode& node) {
        Runnable& target = *node.target;
        FutureBase* awaiter = target.awaiter();
        TaskState* task = awaiter ? awaiter->as_task() : nullptr;
        if (task && static_cast<Runnable*>(task) == &target) return "wakeup of '" + task->name() + "'";
        auto* handle = dynamic_cast<HandleState*>(&target);
        return handle ? handle->callable_name() : target.repr();
    };
    std::size_t count = 0;
    nodes_.for_each([&](const CallbackNode&) { ++count; });
    if (count == 0) return {};
    std::string list = " cb=[" + text(*nodes_.front());
    if (count > 2) list += ", <" + std::to_string(count - 2) + " more>";
    if (count > 1) list += ", " + text(*nodes_.back());
    return list + "]";
}

}  // namespace aio::detail
