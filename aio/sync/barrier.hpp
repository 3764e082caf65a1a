// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/base/ref.hpp>
#include <aio/task/coro.hpp>

#include <cstddef>
#include <string>

namespace aio {

/// The barrier was reset or aborted. Mirrors asyncio.BrokenBarrierError.
class BrokenBarrierError : public RuntimeError {
public:
    using RuntimeError::RuntimeError;
};

/// A place where a number of tasks wait for each other, again and again. Mirrors asyncio.Barrier.
///
///     co_await barrier.wait();
///
/// Surprising, for those who know threading.Barrier: a task that is cancelled while it waits leaves, and does
/// not break the barrier (S110).
///
/// Lifetime: tasks that wait when the barrier is destroyed wait on until they are cancelled.
/// Threads: one loop only, the first on which a task had to wait (S111).
class Barrier {
public:
    /// Throws ValueError if `parties`, the number of tasks to wait for, is less than 1.
    explicit Barrier(std::ptrdiff_t parties);
    Barrier(const Barrier&) = delete;
    Barrier& operator=(const Barrier&) = delete;
    ~Barrier();

    /// Waits for the others; gives a number from 0 to parties()-1, another one to each task.
    ///
    /// Completes: when the last party has come. All leave then, before anybody of the next round comes in.
    /// Cancellation: as Condition::wait(); the task no longer counts.
    /// Throws BrokenBarrierError if the barrier is or becomes broken, or is reset.
    Coro<std::size_t> wait();
    /// Fails those who wait now with BrokenBarrierError; a broken barrier can be used again.
    Coro<> reset();
    /// Fails those who wait, and who will come, with BrokenBarrierError until reset().
    Coro<> abort();

    std::size_t parties() const noexcept;
    /// How many wait for the barrier to fill.
    std::size_t n_waiting() const noexcept;
    bool broken() const noexcept;

    // For async_with(): waits at the entry, and the body is given the number.
    Coro<std::size_t> aenter() { return wait(); }
    Coro<> aexit();

    /// "<aio::Barrier object at 0x... [filling, waiters:1/3]>"
    std::string repr() const;

private:
    class State;
    // Counted, because tasks in wait() work with it until they have left.
    Ref<State> state_;
};

}  // namespace aio
