// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/base/pool.hpp>
#include <aio/base/ref.hpp>
#include <aio/loop/contextvars.hpp>
#include <aio/loop/detail/handle_state.hpp>
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

/// A callback that was scheduled; what call_soon() and its kin return. Mirrors asyncio.Handle.
///
/// Dropping it does not cancel. Copies refer to the same callback. An empty one refers to none: cancel() does
/// nothing then.
/// Threads: the loop's, except for handles from call_soon_threadsafe(), which any thread may cancel.
class Handle {
public:
    Handle() noexcept = default;
    explicit Handle(Ref<detail::HandleState> state) noexcept : state_(std::move(state)) {}

    /// Withdraws the callback, also one that is due in this very iteration (S7), and destroys the
    /// callable and its arguments. Does nothing if it runs right now, ran or was cancelled before.
    void cancel() {
        if (!state_) return;
        state_->check_thread();
        state_->cancel();
    }
    /// Whether it was cancelled in time.
    bool cancelled() const noexcept { return state_ && state_->cancelled(); }
    /// The context the callback runs in.
    Context get_context() const { return state_.checked("Handle.get_context()").context(); }
    /// Text for people: the callable's type and the state.
    std::string repr() const { return state_ ? state_->repr() : "<Handle empty>"; }
    explicit operator bool() const noexcept { return static_cast<bool>(state_); }
    /// Equal are those that refer to the same callback.
    friend bool operator==(const Handle& a, const Handle& b) noexcept { return a.state_ == b.state_; }
    const Ref<detail::HandleState>& state() const noexcept { return state_; }

protected:
    Ref<detail::HandleState> state_;
};

/// A callback with a deadline; what call_later() and call_at() return. Mirrors asyncio.TimerHandle.
class TimerHandle : public Handle {
public:
    TimerHandle() noexcept = default;
    explicit TimerHandle(Ref<detail::TimerHandleState> state) noexcept : Handle(std::move(state)) {}
    /// The deadline on the loop's clock.
    TimePoint when() const {
        return static_cast<const detail::TimerHandleState&>(state_.checked("TimerHandle.when()")).when();
    }
};

}  // namespace aio

template <>
struct std::hash<aio::Handle> {
    std::size_t operator()(const aio::Handle& handle) const noexcept {
        return hash<aio::Ref<aio::detail::HandleState>>()(handle.state());
    }
};
template <>
struct std::hash<aio::TimerHandle> : hash<aio::Handle> {};
