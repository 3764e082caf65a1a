// SPDX-License-Identifier: MIT
#pragma once

#include <aio/sync/detail/sync_waiter.hpp>
#include <aio/sync/guard.hpp>

#include <string>

namespace aio {

class Lock;

namespace detail {

/// Lock::acquire().
class LockAcquire : public SyncWaiter {
public:
    explicit LockAcquire(Lock& lock) noexcept : lock_(&lock) {}
    LockAcquire(LockAcquire&& other) noexcept = default;
    LockAcquire& operator=(LockAcquire&&) = delete;

    inline bool await_ready();
    inline bool await_resume();

    void check() final;
    void enlist() noexcept final;
    void leave() noexcept final;
    std::string describe() const final { return "Lock.acquire"; }

protected:
    ~LockAcquire() {
        if (needs_disposal()) [[unlikely]]
            dispose();
    }

private:
    void withdraw() noexcept final {}  // rule 1: leave() does it
    void dispose() noexcept;
    Lock* lock_;
};

}  // namespace detail

/// Mutual exclusion between tasks, first come first served. Not reentrant. Mirrors asyncio.Lock.
///
///     auto guard = co_await lock.guard();            // until the end of the scope
///     co_await async_with(lock, critical, args...);  // the same as a call
///
/// The surprising rule: no barging. release() wakes the task that waits longest, and until that one runs
/// the lock is free but nobody else gets it (S104).
///
/// Lifetime: tasks that wait when the lock is destroyed wait on until they are cancelled, as they would
/// in Python. One that was just about to get it gets a RuntimeError.
/// Threads: one loop only, the first on which a task had to wait (S111).
class Lock {
public:
    Lock() noexcept = default;
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    /// Takes the lock; gives true.
    ///
    /// Completes: at once if the lock is free and nobody waits; else when it is this task's turn.
    /// Cancellation: immediate; if it was this task's turn, the next one's comes.
    /// Throws RuntimeError if it has to wait and other loop's tasks waited before.
    [[nodiscard("nothing is acquired until this is awaited")]] auto acquire() noexcept {
        return detail::FinalWait<detail::LockAcquire>(*this);
    }
    /// The same, giving a Guard that releases.
    [[nodiscard("nothing is acquired until this is awaited")]] auto guard() noexcept {
        return detail::GuardedAcquire<detail::LockAcquire, Lock>(*this, *this);
    }
    /// Takes the lock if acquire() would not wait; false otherwise.
    bool try_acquire() noexcept {
        if (locked_ || (!waiters_.empty() && !all_cancelled())) return false;
        return locked_ = true;
    }

    /// Gives the lock back; any task may. Throws RuntimeError if it is not locked.
    void release() {
        if (!locked_) [[unlikely]]
            raise_not_acquired();
        if (!waiters_.empty()) loop_.check_thread();
        locked_ = false;
        wake_first();
    }
    bool locked() const noexcept { return locked_; }

    // For async_with().
    auto aenter() noexcept { return detail::Entry<detail::LockAcquire>(*this); }
    auto aexit() noexcept { return detail::Exit<Lock>(*this); }

    /// "<aio::Lock object at 0x... [unlocked, waiters:1]>"
    std::string repr() const;

private:
    friend class detail::LockAcquire;
    friend class Guard<Lock>;
    friend class Condition;

    void give_back() noexcept {
        if (!locked_) return;
        locked_ = false;
        wake_first();
    }
    // The first one may be woken already, or cancelled: then it wakes the next one when it goes on.
    void wake_first() {
        if (detail::SyncWaiter* first = waiters_.front()) {
            if (first->waiting()) first->wake_up(loop_.get());
        }
    }
    bool all_cancelled() noexcept;
    [[noreturn]] static void raise_not_acquired();

    detail::WaiterList waiters_;
    detail::BoundLoop loop_;
    bool locked_ = false;
};

inline bool detail::LockAcquire::await_ready() {
    check_fresh();
    return lock_->try_acquire();
}

inline bool detail::LockAcquire::await_resume() {
    finish_wait("Lock.acquire");
    return lock_->locked_ = true;
}

}  // namespace aio
