// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/kept_arguments.hpp>
#include <aio/base/detail/plain_callback.hpp>
#include <aio/base/error.hpp>
#include <aio/base/pool.hpp>
#include <aio/base/ref.hpp>
#include <aio/loop/contextvars.hpp>
#include <aio/loop/detail/runnable.hpp>
#include <aio/loop/detail/timer_heap.hpp>

#include <atomic>
#include <new>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace aio {
class EventLoop;
}  // namespace aio

namespace aio::detail {

/// What the inbox takes: work that another thread gives to the loop.
class PostedItem : public Runnable {
public:
    PostedItem* next_posted = nullptr;

protected:
    PostedItem() noexcept = default;
    ~PostedItem() = default;
};

/// Shared part of a Handle: a scheduled callback. One reference is the queue's, the others are Handles.
///
/// Rules: (1) the count and the state are plain words for handles of the loop's own thread and
/// real atomics for those made by call_soon_threadsafe (`threadsafe_`); (2) whoever moves the state
/// from pending to cancelled or done owns the callable and destroys it; (3) a callable is never
/// destroyed while it runs: one that runs once is done when it begins, and a repeating one that
/// cancels itself is destroyed when it returns.
class HandleState : public PostedItem {
public:
    enum class Kind : std::uint8_t { once, repeating };

    void run() override;
    void discard() noexcept override;
    std::string repr() const override;

    /// In debug mode throws RuntimeError if cancel() is for the loop's thread, and this is another.
    void check_thread() const;
    /// Withdraws the callback and destroys the callable. Harmless when cancelled or run already.
    void cancel() noexcept;
    /// Whether cancel() came before the callback ran.
    bool cancelled() const noexcept { return state_.load(std::memory_order_acquire) == kCancelled; }
    /// Of a repeating one of the loop's thread that has one owner: whether it is queued and has not begun.
    bool queued() const noexcept { return has_callable() && refs_.load(std::memory_order_relaxed) > 1; }
    Context context() { return context_.to_context(); }
    EventLoop& loop() const noexcept { return *loop_; }
    /// The callable's type, for reports.
    std::string callable_name() const { return type_name(callable_type()); }

    void add_ref() noexcept {
        if (threadsafe_) {
            refs_.fetch_add(1, std::memory_order_relaxed);
        } else {
            refs_.store(refs_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        }
    }
    void release() noexcept {
        if (drop_ref() == 0) destroy();
    }

protected:
    HandleState(EventLoop& loop, ContextSlot&& context, Kind kind, bool threadsafe = false) noexcept
        : loop_(&loop), context_(std::move(context)), threadsafe_(threadsafe), kind_(kind) {}
    ~HandleState() = default;

    virtual void invoke() = 0;
    virtual void destroy_callable() noexcept = 0;
    virtual void destroy() noexcept = 0;  // delete this
    virtual void withdraw() noexcept {}   // timers leave the heap
    virtual const std::type_info& callable_type() const noexcept = 0;
    bool has_callable() const noexcept { return state_.load(std::memory_order_relaxed) == kPending; }

private:
    static constexpr std::uint8_t kPending = 0, kCancelled = 1, kDone = 2, kRunning = 3;

    std::uint32_t drop_ref() noexcept {
        if (threadsafe_) return refs_.fetch_sub(1, std::memory_order_acq_rel) - 1;
        const std::uint32_t left = refs_.load(std::memory_order_relaxed) - 1;
        refs_.store(left, std::memory_order_relaxed);
        return left;
    }
    bool leave_pending(std::uint8_t to) noexcept;
    void after_run() noexcept;
    void report_failure() noexcept;

    EventLoop* loop_;
    ContextSlot context_;
    std::atomic<std::uint32_t> refs_{2};  // the queue's and the returned Handle's
    std::atomic<std::uint8_t> state_{kPending};
    const bool threadsafe_;
    const Kind kind_;
};

/// The callable with its arguments, stored in place.
template <class F>
class BoundCallable {
public:
    template <class... Args>
    explicit BoundCallable(Args&&... args) : fn_(std::forward<Args>(args)...) {}
    BoundCallable(const BoundCallable&) = delete;
    BoundCallable& operator=(const BoundCallable&) = delete;
    ~BoundCallable() {}  // the owner calls destroy()
    void call() { fn_(); }
    void destroy() noexcept { fn_.~F(); }

private:
    union {
        F fn_;
    };
};

template <class F, class Arguments>
struct WithArguments {
    F fn;
    Arguments args;
    void operator()() { std::apply(fn, args); }
};

template <class F, class... Args>
auto bind_arguments(F&& fn, Args&&... args) {
    constexpr bool plain = is_plain_callback<std::decay_t<F>&, std::decay_t<Args>&...>();
    constexpr bool callable = !plain || std::is_invocable_v<std::decay_t<F>&, std::decay_t<Args>&...>;
    static_assert(callable,
                  "the callback cannot be called with these arguments: they are kept as copies and given as "
                  "lvalues; what is to be changed is given as std::ref(object)");
    if constexpr (!plain || !callable) {
        return [] {};
    } else if constexpr (sizeof...(Args) == 0 && !std::is_member_pointer_v<std::decay_t<F>>) {
        return std::decay_t<F>(std::forward<F>(fn));
    } else {
        using Kept = kept_tuple_t<F, 0, false, Args...>;
        return WithArguments<std::decay_t<F>, Kept>{std::forward<F>(fn), Kept(std::forward<Args>(args)...)};
    }
}

template <class F>
class CallbackHandle final : public HandleState, public pool::Pooled {
public:
    CallbackHandle(EventLoop& loop, ContextSlot&& context, Kind kind, F&& fn)
        : HandleState(loop, std::move(context), kind), fn_(std::move(fn)) {}

private:
    void invoke() override { fn_.call(); }
    void destroy_callable() noexcept override { fn_.destroy(); }
    void destroy() noexcept override {
        if (has_callable()) fn_.destroy();
        delete this;
    }
    const std::type_info& callable_type() const noexcept override { return typeid(F); }
    BoundCallable<F> fn_;
};

/// As CallbackHandle, for call_soon_threadsafe: made on one thread and destroyed on another, so not
/// from a per-thread pool.
template <class F>
class PostedHandle final : public HandleState {
public:
    PostedHandle(EventLoop& loop, ContextSlot&& context, F&& fn)
        : HandleState(loop, std::move(context), Kind::once, true), fn_(std::move(fn)) {}

private:
    void invoke() override { fn_.call(); }
    void destroy_callable() noexcept override { fn_.destroy(); }
    void destroy() noexcept override {
        if (has_callable()) fn_.destroy();
        delete this;
    }
    const std::type_info& callable_type() const noexcept override { return typeid(F); }
    BoundCallable<F> fn_;
};

class TimerHandleState : public HandleState, public TimerNode {
public:
    // Queued by the heap as a TimerNode; the work is the handle's.
    void run() final { HandleState::run(); }
    void discard() noexcept final { HandleState::discard(); }
    std::string repr() const final { return HandleState::repr(); }

protected:
    TimerHandleState(EventLoop& loop, ContextSlot&& context) noexcept
        : HandleState(loop, std::move(context), Kind::once) {}
    ~TimerHandleState() = default;
    void withdraw() noexcept final;
};

template <class F>
class TimerCallbackHandle final : public TimerHandleState, public pool::Pooled {
public:
    TimerCallbackHandle(EventLoop& loop, ContextSlot&& context, F&& fn)
        : TimerHandleState(loop, std::move(context)), fn_(std::move(fn)) {}

private:
    void invoke() override { fn_.call(); }
    void destroy_callable() noexcept override { fn_.destroy(); }
    void destroy() noexcept override {
        if (has_callable()) fn_.destroy();
        delete this;
    }
    const std::type_info& callable_type() const noexcept override { return typeid(F); }
    BoundCallable<F> fn_;
};

}  // namespace aio::detail
