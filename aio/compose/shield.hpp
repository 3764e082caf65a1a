// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/result.hpp>
#include <aio/task/task.hpp>

#include <exception>
#include <utility>

namespace aio {
namespace detail {

/// The part of a shield() that does not depend on its result type: how it follows the inner future.
///
/// References: while the inner future's list, or the ready queue, has our node, that holds one to the outer
/// future. The outer one does not keep the inner: whoever can complete that does.
class ShieldPart {
public:
    ShieldPart(const ShieldPart&) = delete;
    ShieldPart& operator=(const ShieldPart&) = delete;

    /// Begins to follow `inner`, which is pending.
    void follow(FutureBase& inner);

protected:
    ShieldPart() noexcept = default;
    ~ShieldPart() = default;

    virtual FutureBase& outer() noexcept = 0;
    virtual void deliver(FutureBase& inner) = 0;
    void forget_outer() noexcept { outer().remove_node(outer_done_.node); }

private:
    /// Runs a turn after the inner future is done.
    class InnerDone final : public Runnable {
    public:
        explicit InnerDone(ShieldPart& owner) noexcept : owner_(owner) {}
        void run() override { owner_.inner_done(); }
        void discard() noexcept override { owner_.inner_lost(); }
        std::string repr() const override { return "shield()"; }
        FutureBase* awaiter() noexcept override { return owner_.reporting_ ? nullptr : &owner_.outer(); }
        ShieldPart& owner() const noexcept { return owner_; }
        CallbackNode node{*this, true};

    private:
        ShieldPart& owner_;
    };
    /// Runs a turn after the outer future is done.
    class OuterDone final : public Runnable {
    public:
        explicit OuterDone(ShieldPart& owner) noexcept : owner_(owner) {}
        void run() override { owner_.outer_done(); }
        void discard() noexcept override {
            if (node.queued) owner_.outer().release();
        }
        std::string repr() const override { return "shield()"; }
        CallbackNode node{*this, true};

    private:
        ShieldPart& owner_;
    };

    void inner_done();
    void inner_lost() noexcept;
    void outer_done();
    void report_late_error();

    InnerDone inner_done_{*this};
    OuterDone outer_done_{*this};
    FutureBase* inner_ = nullptr;  // valid while the node is registered or queued
    bool reporting_ = false;       // nobody waits any more: errors go to the exception handler
};

template <class T>
class ShieldState final : public FutureValue<T>, public ShieldPart, public pool::Pooled {
public:
    explicit ShieldState(EventLoop& loop) noexcept : FutureValue<T>(loop) {}

private:
    ~ShieldState() override { this->forget_outer(); }
    FutureBase& outer() noexcept override { return *this; }
    void deliver(FutureBase& inner) override {
        if constexpr (std::is_void_v<T>) {
            this->set_result();
        } else {
            this->set_result(take_value<T>(inner));
        }
    }
    void destroy() noexcept override { delete this; }
};

}  // namespace detail

/// A future that follows a coroutine, task or future, and that can be cancelled without cancelling it (S73).
/// Mirrors asyncio.shield().
///
/// A coroutine becomes a task. If the inner one is cancelled, so is the future. After the future was
/// cancelled, an error of the inner one goes to the loop's exception handler as soon as it happens (S74).
/// What is done already comes back itself. A value that cannot be copied is moved out of the inner future.
template <class A>
    requires Awaitable<A>
auto shield(A&& awaitable) {
    auto inner = ensure_future(std::forward<A>(awaitable));
    using T = typename decltype(inner)::value_type;
    if (inner.state("shield()").done()) return Future<T>::from_state(inner.state());
    auto* state = new detail::ShieldState<T>(inner.get_loop());
    auto outer = Future<T>::from_state(Ref<detail::FutureBase>::adopt(state));
    state->follow(*inner.state());
    return outer;
}
/// Says that a function has to be called.
template <class A>
    requires detail::FunctionLike<std::decay_t<A>> && (!Awaitable<A>)
auto shield(A&&) {
    detail::check_awaitable_argument<A>();
}

}  // namespace aio
