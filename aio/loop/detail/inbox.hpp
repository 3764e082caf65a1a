// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/detail/fork.hpp>
#include <aio/loop/detail/poller.hpp>
#include <aio/loop/detail/ready_queue.hpp>
#include <aio/loop/handle.hpp>

#include <atomic>
#include <cstdint>
#include <utility>

namespace aio::detail {

/// The one entrance of a loop that any thread may use: posts callbacks and wakes a sleeping poll.
///
/// It outlives its loop as long as a thread refers to it, so that late work finds the loop closed.
///
/// Rules: (1) posting is a push on a lock-free stack, collecting takes the whole stack and restores
/// its order; (2) a poster writes the eventfd only if the loop said that it is going to sleep, and
/// only one poster does; (3) the loop says so before it looks at the stack a last time, so one of
/// the two always sees the other; (4) the eventfd is edge-triggered and never read; (5) who has just posted
/// often goes on, so a loop that was given work lets other threads run once before it sleeps: on one
/// processor it would else be woken for each post of a series. Where that takes long, because others
/// need the processor, it does so more and more seldom.
class Inbox final : public IoWatch {
public:
    explicit Inbox(Poller& poller);
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;

    /// Adds work; takes over the queue's reference to it. False, and nothing is taken, if the loop is closed,
    /// or the parent's of a forked child.
    bool post(PostedItem& item) noexcept;

    /// Whether post() refuses everything. Any thread.
    bool refuses() const noexcept;
    /// Whether this is a forked child, and the loop its parent's.
    bool inherited() const noexcept { return generation_ != fork_generation; }

    /// Ends a sleeping poll. Async-signal-safe.
    void wake() noexcept;

    bool empty() const noexcept { return top_.load(std::memory_order_relaxed) == nullptr; }

    /// Moves what was posted to the ready queue.
    void collect(ReadyQueue& ready);

    /// Announces that the loop is about to sleep. False: something came, so do not.
    bool going_to_sleep() noexcept {
        if (std::exchange(delivered_, false)) let_others_run();
        asleep_.store(true);
        if (top_.load() == nullptr) return true;
        asleep_.store(false);
        return false;
    }
    void awake() noexcept { asleep_.store(false, std::memory_order_relaxed); }

    /// Refuses further posts and drops what is there.
    void close() noexcept;

    /// The loop's owner has let go of it, so that it may be gone. Any thread.
    void abandon() noexcept { abandoned_.store(true, std::memory_order_release); }
    bool abandoned() const noexcept { return abandoned_.load(std::memory_order_acquire); }

    void on_events(std::uint32_t) noexcept override {}

    void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

private:
    static constexpr std::uint32_t kFewestSkipped = 64, kMostSkipped = 16384;

    ~Inbox();
    void let_others_run() noexcept;

    std::atomic<std::uint32_t> refs_{1};
    std::atomic<PostedItem*> top_{nullptr};
    std::atomic<bool> asleep_{false};
    std::atomic<bool> abandoned_{false};
    const unsigned generation_ = fork_generation;
    // Rule 5; the loop's thread only.
    bool delivered_ = false;                  ///< since the loop last thought of sleeping
    std::uint32_t skip_ = 0;                  ///< how many times more not to let others run
    std::uint32_t to_skip_ = kFewestSkipped;  ///< after the next time that takes long
};

}  // namespace aio::detail
