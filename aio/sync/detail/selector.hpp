// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/copyable.hpp>
#include <aio/base/source_location.hpp>
#include <aio/sync/detail/sync_waiter.hpp>
#include <aio/task/awaitable.hpp>
#include <aio/task/future.hpp>
#include <aio/task/result.hpp>
#include <aio/task/sleep.hpp>

#include <coroutine>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace aio::detail {

/// The part of select() that does not depend on the branches. When a branch is woken this is queued in the
/// task's stead, and in its turn takes the first branch that can go on; if what woke it is gone by then it
/// waits on.
class Selector : public LeafWaiter, public Runnable {
public:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    /// A branch was woken, in the course of whatever woke it.
    void branch_woken();
    /// Something of this wait has had its turn in the ready queue.
    void look();

    void run() final {
        queued_ = false;
        look();
    }
    std::string repr() const final;
    std::string describe() const final { return "select"; }

protected:
    Selector() noexcept = default;
    Selector(Selector&& other) noexcept : LeafWaiter(static_cast<LeafWaiter&&>(other)), Runnable() {}
    Selector& operator=(Selector&&) = delete;
    ~Selector() = default;

    void start(std::coroutine_handle<> awaiter, SyncWaiter* const* branches, std::size_t count);
    /// Withdraws all branches but the chosen one; throws CancelledError if there is none.
    void finish(SyncWaiter* const* branches, std::size_t count);
    void choose(std::size_t index) noexcept { chosen_ = index; }
    std::size_t chosen() const noexcept { return chosen_; }

private:
    void withdraw() noexcept final;

    SyncWaiter* const* branches_ = nullptr;
    std::size_t count_ = 0;
    std::size_t chosen_ = kNone;
    bool active_ = false;  // waiting or woken, and not decided
    bool queued_ = false;
};

/// A sleep() among the branches.
class SelectTimer : public SyncWaiter, public TimerNode {
public:
    void check() final {}
    void enlist() noexcept final;
    bool decided() const noexcept final { return woken(); }
    bool queued() const noexcept final { return started_ && !ran_ && !armed(); }
    std::string describe() const final { return "sleep"; }

protected:
    explicit SelectTimer(TimePoint delay) noexcept : TimerNode(delay) {}
    SelectTimer(SelectTimer&& other) noexcept
        : SyncWaiter(static_cast<SyncWaiter&&>(other)), TimerNode(other.when()) {}
    SelectTimer& operator=(SelectTimer&&) = delete;
    ~SelectTimer() { stop(); }
    void stop() noexcept;

private:
    void withdraw() noexcept final { stop(); }
    void run() final;

    EventLoop* loop_ = nullptr;
    bool started_ = false;
    bool ran_ = false;
};

template <class T>
class SelectSleep final : public SelectTimer {
public:
    explicit SelectSleep(SleepFor<T> sleep) noexcept : SelectTimer(sleep.when()), sleep_(std::move(sleep)) {}
    bool await_ready() const { return sleep_.await_ready(); }
    T await_resume() {
        over_ = true;
        set_finished();
        return sleep_.await_resume();
    }
    void leave() noexcept override {
        stop();
        if (!std::exchange(over_, true)) sleep_.await_resume();  // else it reports that nobody awaited it
    }

private:
    SleepFor<T> sleep_;
    bool over_ = false;
};

/// A future or task among the branches. Is not cancelled with the select().
class SelectFutureBase : public SyncWaiter, public Runnable {
public:
    bool await_ready() const {
        check_fresh();
        return future_->done();
    }
    void check() final;
    void enlist() noexcept final { future_->add_node(node_); }
    bool decided() const noexcept final { return future_->done(); }
    bool queued() const noexcept final { return node_.queued && !ran_; }
    void leave() noexcept final { future_->remove_node(node_); }
    void run() final;
    std::string repr() const final { return "select()"; }
    FutureBase* awaiter() noexcept final { return &task()->future(); }
    std::string describe() const final { return future_->repr(); }

protected:
    explicit SelectFutureBase(Ref<FutureBase> future) noexcept : future_(std::move(future)) {}
    SelectFutureBase(SelectFutureBase&& other) noexcept
        : SyncWaiter(static_cast<SyncWaiter&&>(other)), Runnable(), future_(std::move(other.future_)) {}
    SelectFutureBase& operator=(SelectFutureBase&&) = delete;
    ~SelectFutureBase() {
        if (node_.linked()) future_->remove_node(node_);
    }
    const Ref<FutureBase>& future() const noexcept { return future_; }
    Ref<FutureBase> take_future() noexcept { return std::move(future_); }

private:
    void withdraw() noexcept final { leave(); }

    Ref<FutureBase> future_;
    CallbackNode node_{*this};
    bool ran_ = false;
};

template <class T, bool Consume>
class SelectFuture final : public SelectFutureBase {
public:
    explicit SelectFuture(Ref<FutureBase> future) noexcept : SelectFutureBase(std::move(future)) {}
    /// Who keeps what await_resume() refers to.
    const Ref<FutureBase>& owner() const noexcept { return future(); }
    decltype(auto) await_resume(SourceLocation at = SourceLocation::current()) {
        leave();
        set_finished();
        if constexpr (Consume) {
            return FutureAwaiter<T, true>(take_future()).await_resume(at);
        } else {
            return FutureAwaiter<T, false>(future()).await_resume(at);
        }
    }
};

template <class B>
struct Branch {
    using Result = NoneIfVoid<std::remove_cvref_t<decltype(std::declval<B&>().await_resume())>>;
    static constexpr bool kIsOwned = false;
};
template <class T, bool Consume>
struct Branch<SelectFuture<T, Consume>> {
    /// Whether the future keeps its value, which the result refers to.
    static constexpr bool kIsOwned = [] {
        if constexpr (Consume || std::is_void_v<T>) {
            return false;
        } else {
            return !is_copyable<T>();
        }
    }();
    using Result = std::conditional_t<kIsOwned, std::add_lvalue_reference_t<const T>, NoneIfVoid<T>>;
};

template <class A>
auto make_branch(A&& awaitable) {
    using Given = std::remove_cvref_t<A>;
    if constexpr (std::derived_from<Given, AnyFuture>) {
        using T = typename Given::value_type;
        awaitable.state("select()");
        return SelectFuture<T, !std::is_lvalue_reference_v<A>>(awaitable.state());
    } else if constexpr (std::derived_from<Given, SleepWaiter>) {
        return SelectSleep(std::forward<A>(awaitable));
    } else {
        static_assert(std::derived_from<Given, SyncWaiter>,
                      "select() takes the waits of aio/sync, sleep(), futures and tasks: what cannot be "
                      "withdrawn half-way must be made a task with create_task() first");
        return Given(std::forward<A>(awaitable));
    }
}

}  // namespace aio::detail
