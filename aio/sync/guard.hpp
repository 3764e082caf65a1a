// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <utility>

namespace aio {

/// Holds a Lock, a Condition's lock or a Semaphore's permit, and gives it back at the end of its scope.
///
///     auto guard = co_await lock.guard();
///
/// Must not outlive its primitive. Does nothing if the lock was released by hand meanwhile.
template <class Primitive>
class [[nodiscard("a guard that is dropped gives back at once")]] Guard {
public:
    /// Guards nothing.
    Guard() noexcept = default;
    /// Takes over what the caller has acquired.
    explicit Guard(Primitive& acquired) noexcept : primitive_(&acquired) {}
    Guard(Guard&& other) noexcept : primitive_(std::exchange(other.primitive_, nullptr)) {}
    Guard& operator=(Guard&& other) noexcept {
        std::swap(primitive_, other.primitive_);
        return *this;
    }
    ~Guard() { release(); }

    /// Gives back before the end of the scope.
    void release() noexcept {
        if (primitive_) std::exchange(primitive_, nullptr)->give_back();
    }
    /// Whether there is something to give back.
    explicit operator bool() const noexcept { return primitive_ != nullptr; }

private:
    Primitive* primitive_ = nullptr;
};

namespace detail {

/// An acquire() whose result is a guard.
template <class Acquire, class Primitive>
class GuardedAcquire final : public Acquire {
public:
    template <class... Args>
    explicit GuardedAcquire(Primitive& primitive, Args&... args) noexcept
        : Acquire(args...), primitive_(&primitive) {}
    Guard<Primitive> await_resume() {
        Acquire::await_resume();
        return Guard<Primitive>(*primitive_);
    }

private:
    Primitive* primitive_;
};

/// An acquire() without a result: the entry of `async with`.
template <class Acquire>
class Entry final : public Acquire {
public:
    using Acquire::Acquire;
    void await_resume() { Acquire::await_resume(); }
};

/// The end of `async with`; never waits.
template <class Primitive>
class Exit {
public:
    explicit Exit(Primitive& primitive) noexcept : primitive_(&primitive) {}
    bool await_ready() const noexcept { return true; }
    template <class Promise>
    void await_suspend(Promise) const noexcept {}
    void await_resume() const { primitive_->release(); }

private:
    Primitive* primitive_;
};

}  // namespace detail
}  // namespace aio
