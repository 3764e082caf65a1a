// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/sync/lock.hpp>
#include <aio/task/coro.hpp>

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace aio {

/// Lets tasks that hold a lock wait until another one changes what the lock protects. Mirrors
/// asyncio.Condition.
///
///     auto guard = co_await condition.guard();
///     co_await condition.wait_for(has_work, std::ref(state));
///
/// A notification is a hint, not a hand-over: a wait() can end without one (S108), so plain wait() belongs in
/// a loop, and wait_for() is one. wait() returns with the lock held on every way out, also when the task
/// is cancelled, and also if it is cancelled again while it gets the lock back (S107).
///
/// Lifetime: tasks that wait when the condition is destroyed wait on until they are cancelled; they do not
/// take the lock then. A lock that was given must outlive the condition.
/// Threads: one loop only, the first on which a task had to wait (S111).
class Condition {
public:
    /// With a lock of its own.
    Condition() noexcept : lock_(&own_) {}
    /// With a lock that others may share.
    explicit Condition(Lock& lock) noexcept : lock_(&lock) {}
    Condition(const Condition&) = delete;
    Condition& operator=(const Condition&) = delete;

    /// The lock's methods.
    [[nodiscard("nothing is acquired until this is awaited")]] auto acquire() noexcept {
        return lock_->acquire();
    }
    [[nodiscard("nothing is acquired until this is awaited")]] auto guard() noexcept {
        return lock_->guard();
    }
    void release() { lock_->release(); }
    bool locked() const noexcept { return lock_->locked(); }

    /// Gives the lock back, waits to be notified and takes the lock again; gives true.
    ///
    /// Completes: when it was notified and has got the lock.
    /// Cancellation: delivered when the lock is held again. A notification that came with it goes to
    /// another waiting task.
    /// Throws RuntimeError if the lock is not held.
    Coro<bool> wait();

    /// Waits until predicate(args...) is true, and gives what it gave. The lock is held whenever it is
    /// called. Otherwise as wait().
    template <class F, class... Args>
    auto wait_for(F&& predicate, Args&&... args) {
        using Value = std::decay_t<std::invoke_result_t<std::decay_t<F>&, std::decay_t<Args>&...>>;
        return wait_until<Value, std::decay_t<F>>(
            *this, std::forward<F>(predicate),
            detail::kept_tuple_t<F, 0, false, Args...>(std::forward<Args>(args)...));
    }

    /// Wakes the `n` tasks that wait longest. Throws RuntimeError if the lock is not held.
    void notify(std::size_t n = 1);
    /// Wakes all that wait. Throws RuntimeError if the lock is not held.
    void notify_all() { notify(static_cast<std::size_t>(-1)); }

    // For async_with().
    auto aenter() noexcept { return lock_->aenter(); }
    auto aexit() noexcept { return lock_->aexit(); }

    /// "<aio::Condition object at 0x... [locked, waiters:1]>"
    std::string repr() const;

private:
    class Notified;
    friend class Barrier;

    template <class Value, class F, class Arguments>
    static Coro<Value> wait_until(Condition& self, F predicate, Arguments args) {
        for (;;) {
            Value value = std::apply(detail::as_function(predicate), args);
            if (value) co_return std::move(value);
            co_await self.wait();
        }
    }
    void wake(std::size_t n) noexcept;

    Lock own_;
    Lock* lock_;
    detail::WaiterList waiting_;
    detail::WaiterList leaving_;    // notified or cancelled, and not gone on yet
    detail::WaiterList returning_;  // getting the lock back
    detail::BoundLoop loop_;
};

}  // namespace aio
