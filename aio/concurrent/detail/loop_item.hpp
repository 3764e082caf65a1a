// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/ref.hpp>
#include <aio/loop/detail/inbox.hpp>
#include <aio/loop/event_loop.hpp>

#include <atomic>
#include <string>

namespace aio::concurrent::detail {

/// What a thread hands to a loop when it is ready.
///
/// Rules: (1) there are two references: the loop's, from enlist() to the end, and that of whoever brings the
/// item, which post() passes on with it; only the last one destroys; (2) everything that is counted without
/// atomics, futures and tasks, is touched by the loop's thread alone: in arrive(), or in detach() if the loop
/// closes before; (3) the other thread knows only the inbox, which outlives a closed loop.
class LoopItem : public aio::detail::PostedItem, public aio::detail::ListLink {
public:
    LoopItem(const LoopItem&) = delete;
    LoopItem& operator=(const LoopItem&) = delete;

    /// The loop closes (rule 2); not called after arrive().
    virtual void detach() noexcept = 0;
    /// Gives up one reference.
    void release() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
    }

    void run() final;
    void discard() noexcept override;
    std::string repr() const override = 0;

protected:
    /// `brings`: a thread works on it, so the loop has something to wait for (EventLoop::Stats::threads).
    explicit LoopItem(bool brings = true) noexcept : brings_(brings) {}
    ~LoopItem() = default;

    /// Where it goes: before every post(). Any thread.
    void address(EventLoop& loop) noexcept;
    void address(const LoopHandle& loop) noexcept;

    /// Has arrive() called by the loop; any thread. If the loop is closed: false, and the reference remains
    /// the caller's.
    bool post() noexcept;

    /// Puts it in the loop's list; the loop's thread.
    void enlist();
    /// Takes it out; the loop's reference is now the caller's.
    void delist() noexcept;

    /// The loop's thread has it, with the reference that came along.
    virtual void arrive() = 0;
    virtual void destroy() noexcept = 0;

    EventLoop& loop() const noexcept { return *loop_; }

private:
    EventLoop* loop_ = nullptr;  // for the loop's thread, until it has closed
    Ref<aio::detail::Inbox> inbox_;
    std::atomic<std::uint32_t> refs_{2};
    const bool brings_;
};

}  // namespace aio::concurrent::detail
