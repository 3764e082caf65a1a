// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/loop/event_loop.hpp>

namespace aio::web::detail {

/// What somebody waits for, until a time.
class Deadline : public aio::detail::ListLink {
public:
    /// The time has come. Called from the loop; may do anything.
    virtual void expire() noexcept = 0;

protected:
    Deadline() = default;
    virtual ~Deadline() { unlink(); }

private:
    friend class DeadlineQueue;
    TimePoint when_;
};

/// Deadlines that are all equally far away when they are set, so that they stand in order: to set one or to
/// take it back costs no search, and all share a timer.
class DeadlineQueue {
public:
    DeadlineQueue(EventLoop& loop, TimeLimit limit);
    ~DeadlineQueue() { timer_.cancel(); }
    DeadlineQueue(const DeadlineQueue&) = delete;
    DeadlineQueue& operator=(const DeadlineQueue&) = delete;

    /// Takes it out of the queue that it was in.
    void set(Deadline& deadline);

private:
    void fire();

    EventLoop& loop_;
    std::optional<Duration> limit_;
    aio::detail::List<Deadline> deadlines_;
    TimerHandle timer_;
    bool armed_ = false;
};

}  // namespace aio::web::detail
