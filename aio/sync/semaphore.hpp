// SPDX-License-Identifier: MIT
#pragma once

#include <aio/sync/detail/sync_waiter.hpp>
#include <aio/sync/guard.hpp>

#include <cstddef>
#include <string>

namespace aio {

class Semaphore;

namespace detail {

/// Semaphore::acquire().
class SemaphoreAcquire : public SyncWaiter {
public:
    explicit SemaphoreAcquire(Semaphore& semaphore) noexcept : semaphore_(&semaphore) {}
    SemaphoreAcquire(SemaphoreAcquire&& other) noexcept = default;
    SemaphoreAcquire& operator=(SemaphoreAcquire&&) = delete;

    inline bool await_ready();
    inline bool await_resume();

    void check() final;
    void enlist() noexcept final;
    void leave() noexcept final;
    std::string describe() const final { return "Semaphore.acquire"; }

protected:
    ~SemaphoreAcquire() {
        if (needs_disposal()) [[unlikely]]
            dispose();
    }

private:
    void withdraw() noexcept final;
    void dispose() noexcept;
    Semaphore* semaphore_;
};

}  // namespace detail

/// A number of permits that tasks take and give back, first come first served. Mirrors asyncio.Semaphore.
///
///     auto permit = co_await semaphore.guard();       // until the end of the scope
///     co_await async_with(semaphore, job, args...);  // the same as a call
///
/// release() hands the permit to the task that waits longest, so newcomers cannot take it from that one;
/// permits are conserved however tasks are cancelled (S109). Any task may release.
///
/// Lifetime: tasks that wait when the semaphore is destroyed wait on until they are cancelled. One that had
/// just been given a permit gets a RuntimeError.
/// Threads: one loop only, the first on which a task had to wait (S111).
class Semaphore {
public:
    /// Throws ValueError for a negative number.
    explicit Semaphore(std::ptrdiff_t value = 1);
    Semaphore(const Semaphore&) = delete;
    Semaphore& operator=(const Semaphore&) = delete;

    /// Takes a permit; gives true.
    ///
    /// Completes: at once if there is one and nobody waits; else when it is this task's turn.
    /// Cancellation: immediate; a permit that was given already goes to the next one.
    /// Throws RuntimeError if it has to wait and other loop's tasks waited before.
    [[nodiscard("nothing is acquired until this is awaited")]] auto acquire() noexcept {
        return detail::FinalWait<detail::SemaphoreAcquire>(*this);
    }
    /// The same, giving a Guard that gives the permit back.
    [[nodiscard("nothing is acquired until this is awaited")]] auto guard() noexcept {
        return detail::GuardedAcquire<detail::SemaphoreAcquire, Semaphore>(*this, *this);
    }
    /// Takes a permit if acquire() would not wait; false otherwise.
    bool try_acquire() noexcept {
        if (locked()) return false;
        --value_;
        return true;
    }

    /// Gives a permit back. Throws ValueError if that makes more than a BoundedSemaphore began with.
    void release() {
        if (value_ >= bound_) [[unlikely]]
            raise_too_many();
        if (!waiting_.empty()) loop_.check_thread();
        ++value_;
        wake_next();
    }
    /// Whether acquire() would wait.
    bool locked() const noexcept { return value_ == 0 || !waiting_.empty() || granted_ > 0; }
    /// The permits that are free now.
    std::ptrdiff_t value() const noexcept { return value_; }

    // For async_with().
    auto aenter() noexcept { return detail::Entry<detail::SemaphoreAcquire>(*this); }
    auto aexit() noexcept { return detail::Exit<Semaphore>(*this); }

    /// "<aio::Semaphore object at 0x... [unlocked, value:2]>"
    std::string repr() const;

protected:
    Semaphore(std::ptrdiff_t value, std::ptrdiff_t bound);

private:
    friend class detail::SemaphoreAcquire;
    friend class Guard<Semaphore>;

    void give_back() noexcept {
        if (value_ < bound_) release();
    }
    bool wake_next();
    void wake_all_allowed();
    [[noreturn]] static void raise_too_many();

    detail::WaiterList waiting_;
    detail::WaiterList leaving_;  // woken or cancelled, and not gone on yet
    detail::BoundLoop loop_;
    std::ptrdiff_t value_;
    std::ptrdiff_t bound_;
    std::size_t granted_ = 0;  // permits of those that were woken and have not gone on yet
};

/// A semaphore that finds release() without acquire(): it throws ValueError. Mirrors
/// asyncio.BoundedSemaphore.
class BoundedSemaphore : public Semaphore {
public:
    explicit BoundedSemaphore(std::ptrdiff_t value = 1) : Semaphore(value, value) {}
};

inline bool detail::SemaphoreAcquire::await_ready() {
    check_fresh();
    return semaphore_->try_acquire();
}

inline bool detail::SemaphoreAcquire::await_resume() {
    const bool waited = !fresh();
    finish_wait("Semaphore.acquire");
    if (waited) {
        --semaphore_->granted_;
        if (semaphore_->value_ > 0) [[unlikely]]
            semaphore_->wake_all_allowed();
    }
    return true;
}

}  // namespace aio
