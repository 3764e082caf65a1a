// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/detail/inbox.hpp>
#include <aio/loop/event_loop.hpp>

#include <compare>
#include <utility>

namespace aio {

/// What other threads keep of a loop: loop.handle() gives it, and it may outlive the loop. What is given to a
/// loop that has ended is a RuntimeError, never a crash.
///
/// Copies are counted atomically. Equal are those of one loop; an empty one belongs to none, and its
/// functions throw RuntimeError. Threads: any may copy, drop and call it.
class LoopHandle {
public:
    LoopHandle() noexcept = default;

    /// EventLoop::call_soon_threadsafe(): queues fn(args...) and wakes a sleeping loop (S10).
    ///
    /// Throws RuntimeError if the loop is closed, also while another thread closes it; callable and arguments
    /// are destroyed then, in this thread. What was queued before and has not run is destroyed by the loop's
    /// close, in its thread.
    template <class F, class... Args>
        requires(!std::convertible_to<F, Context>)
    Handle call_soon_threadsafe(F&& fn, Args&&... args) const {
        return post(detail::ContextSlot::copy_current(), std::forward<F>(fn), std::forward<Args>(args)...);
    }
    template <class F, class... Args>
    Handle call_soon_threadsafe(const Context& context, F&& fn, Args&&... args) const {
        return post(detail::ContextSlot::share(context), std::forward<F>(fn), std::forward<Args>(args)...);
    }

    /// Whether the loop takes nothing any more. False is out of date at once, unless its thread asks.
    bool is_closed() const { return inbox_.checked("LoopHandle.is_closed()").refuses(); }

    explicit operator bool() const noexcept { return static_cast<bool>(inbox_); }
    friend bool operator==(const LoopHandle& a, const LoopHandle& b) noexcept { return a.inbox_ == b.inbox_; }
    friend std::strong_ordering operator<=>(const LoopHandle& a, const LoopHandle& b) noexcept {
        return std::compare_three_way()(a.inbox_.get(), b.inbox_.get());
    }

    // --- for the library's upper layers: no promise ------------------------------------------------

    const Ref<detail::Inbox>& inbox() const noexcept { return inbox_; }
    /// Perhaps gone: only its own thread may look, before the loop has closed.
    EventLoop* loop_or_gone() const noexcept { return loop_; }

private:
    friend class EventLoop;
    explicit LoopHandle(EventLoop& loop) noexcept : loop_(&loop), inbox_(&loop.inbox()) {}

    template <class F, class... Args>
    Handle post(detail::ContextSlot&& context, F&& fn, Args&&... args) const {
        detail::Inbox& inbox = inbox_.checked("LoopHandle.call_soon_threadsafe()");
        auto bound = detail::bind_arguments(std::forward<F>(fn), std::forward<Args>(args)...);
        using State = detail::PostedHandle<decltype(bound)>;
        return EventLoop::post_handle(inbox, *new State(*loop_, std::move(context), std::move(bound)));
    }

    EventLoop* loop_ = nullptr;
    Ref<detail::Inbox> inbox_;
};

}  // namespace aio

template <>
struct std::hash<aio::LoopHandle> {
    std::size_t operator()(const aio::LoopHandle& handle) const noexcept {
        return hash<aio::Ref<aio::detail::Inbox>>()(handle.inbox());
    }
};
