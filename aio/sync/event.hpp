// SPDX-License-Identifier: MIT
#pragma once

#include <aio/sync/detail/sync_waiter.hpp>

#include <string>

namespace aio {

class Event;

namespace detail {

/// Event::wait().
class EventWait : public SyncWaiter {
public:
    explicit EventWait(Event& event) noexcept : event_(&event) {}
    EventWait(EventWait&& other) noexcept = default;
    EventWait& operator=(EventWait&&) = delete;

    inline bool await_ready() const;
    bool await_resume() {
        finish_wait(nullptr);
        return true;
    }

    inline void check() final;
    inline void enlist() noexcept final;
    bool decided() const noexcept final { return woken(); }
    void leave() noexcept final { unlink(); }
    std::string describe() const final { return "Event.wait"; }

protected:
    ~EventWait() {
        if (needs_disposal()) [[unlikely]]
            dispose();
    }

private:
    void withdraw() noexcept final {}  // rule 1
    void dispose() noexcept;
    Event* event_;
};

}  // namespace detail

/// A flag that tasks can wait for. Mirrors asyncio.Event.
///
/// The surprising rule: set() wakes every task that waits at that moment, and they go on even if clear()
/// follows before they run (S106).
///
/// Lifetime: tasks that wait when the event is destroyed wait on until they are cancelled; those that
/// were woken go on.
/// Threads: one loop only, the first on which a task had to wait (S111). From another thread go through
/// call_soon_threadsafe().
class Event {
public:
    Event() noexcept = default;
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    /// Waits until the event is set; gives true.
    ///
    /// Completes: when set() runs; at once, without yielding, if it did already.
    /// Cancellation: immediate.
    /// Throws RuntimeError if it has to wait and other loop's tasks waited before.
    [[nodiscard("nothing waits until this is awaited")]] auto wait() noexcept {
        return detail::FinalWait<detail::EventWait>(*this);
    }
    /// Wakes everybody, in the order in which they came. Setting twice is harmless.
    void set() {
        if (set_) return;
        if (!waiters_.empty()) wake_all();
        set_ = true;
    }
    /// Whoever waits from now on waits for the next set().
    void clear() noexcept { set_ = false; }
    bool is_set() const noexcept { return set_; }

    /// "<aio::Event object at 0x... [unset, waiters:1]>"
    std::string repr() const;

private:
    friend class detail::EventWait;
    void wake_all();

    detail::WaiterList waiters_;
    detail::BoundLoop loop_;
    bool set_ = false;
};

inline bool detail::EventWait::await_ready() const {
    check_fresh();
    return event_->set_;
}
inline void detail::EventWait::check() { event_->loop_.check(*event_); }
inline void detail::EventWait::enlist() noexcept { event_->waiters_.push_back(*this); }

}  // namespace aio
