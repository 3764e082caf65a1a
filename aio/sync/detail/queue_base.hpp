// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/source_location.hpp>
#include <aio/sync/detail/sync_waiter.hpp>
#include <aio/sync/event.hpp>
#include <aio/sync/queue_error.hpp>

#include <cstddef>
#include <exception>
#include <string>

namespace aio::detail {

class QueueBase;

/// Waits until a queue has an item, or room for one. It is queued itself when it is woken, and looks in its
/// turn whether that is still so: as in asyncio, somebody who did not have to wait may have been faster,
/// and then it goes to the end of the line.
class QueueWaiter : public SyncWaiter, public Runnable {
public:
    inline bool decided() const noexcept final;
    bool await_ready() const {
        check_fresh();
        return decided();
    }

    void check() final;
    void enlist() noexcept final;
    void leave() noexcept final;
    std::string describe() const final { return is_putter_ ? "Queue.put" : "Queue.get"; }
    std::string repr() const final;
    void run() final;
    /// wake_up() for queues.
    void wake_to_look();

protected:
    QueueWaiter(QueueBase& queue, bool is_putter) noexcept : queue_(&queue), is_putter_(is_putter) {}
    QueueWaiter(QueueWaiter&& other) noexcept
        : SyncWaiter(static_cast<SyncWaiter&&>(other)), queue_(other.queue_), is_putter_(other.is_putter_) {}
    QueueWaiter& operator=(QueueWaiter&&) = delete;
    ~QueueWaiter() {
        if (needs_disposal()) [[unlikely]]
            dispose();
    }
    QueueBase& queue() const noexcept { return *queue_; }
    void finish_queue_wait() { finish_wait(is_putter_ ? "Queue.put" : "Queue.get"); }
    /// What it was woken for and did not take is there for the next one.
    void pass_on() noexcept;
    /// In a catch block of an await at `at`: passes on, and throws again.
    [[noreturn, gnu::cold]] void leave_failed(SourceLocation at);

private:
    void withdraw() noexcept final { unlink(); }
    void dispose() noexcept;
    WaiterList& line() const noexcept;

    QueueBase* queue_;
    bool is_putter_;
};

/// Queue::join().
class QueueJoin final : public EventWait {
public:
    using EventWait::EventWait;
    void await_resume() { EventWait::await_resume(); }
};

/// The part of the queues that does not depend on the items.
class QueueBase {
public:
    QueueBase(const QueueBase&) = delete;
    QueueBase& operator=(const QueueBase&) = delete;
    virtual ~QueueBase() = default;

    /// Text for people, as Python's repr().
    virtual std::string repr() const = 0;

    /// How many items are in the queue.
    std::size_t qsize() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    /// Whether put() would wait.
    bool full() const noexcept { return size_ >= limit_; }
    /// The number given to the constructor.
    std::ptrdiff_t maxsize() const noexcept { return maxsize_; }

    /// An item that was got is finished with. Throws ValueError if that is more often than items were put.
    void task_done() {
        if (unfinished_ == 0) [[unlikely]]
            raise_too_many();
        if (unfinished_ == 1) finished_.set();
        --unfinished_;
    }
    /// Waits until every item that was put has been reported by task_done(); at once if that is so (S113).
    ///
    /// Cancellation: immediate.
    [[nodiscard("nothing waits until this is awaited")]] QueueJoin join() noexcept {
        return QueueJoin(finished_);
    }

protected:
    explicit QueueBase(std::ptrdiff_t maxsize) noexcept
        : limit_(maxsize > 0 ? static_cast<std::size_t>(maxsize) : static_cast<std::size_t>(-1)),
          maxsize_(maxsize) {
        finished_.set();
    }

    // Before and after the storage is changed.
    void check_put() const {
        if (guarded_ || full()) [[unlikely]]
            check_guarded_put();
    }
    void added() {
        ++size_;
        ++unfinished_;
        finished_.clear();
        if (!getters_.empty()) wake_next(getters_);
    }
    void check_get() const {
        if (guarded_ || empty()) [[unlikely]]
            check_guarded_get();
    }
    void removed() {
        --size_;
        if (!putters_.empty()) wake_next(putters_);
    }
    void discarded() noexcept {
        --size_;
        if (unfinished_ > 0) --unfinished_;
    }
    void begin_shutdown() {
        loop_.check_thread();
        shut_down_ = guarded_ = true;
    }
    void end_shutdown(bool immediate);

    /// "<aio::TYPE at 0x... maxsize=2 _queue=[ITEMS] tasks=2>"
    std::string queue_repr(const char* type, const std::string& items) const;

private:
    friend class QueueWaiter;

    void wake_next(WaiterList& line);
    void check_guarded_put() const;
    void check_guarded_get() const;
    [[noreturn]] static void raise_too_many();

    std::size_t size_ = 0;
    std::size_t limit_;
    WaiterList getters_;
    WaiterList putters_;
    WaiterList woken_;  // of both lines, until they have looked
    std::size_t unfinished_ = 0;
    std::ptrdiff_t maxsize_;
    Event finished_;
    BoundLoop loop_;
    bool shut_down_ = false;
    bool guarded_ = false;  ///< shut down, or the loop was debugging when somebody waited last
};

inline bool QueueWaiter::decided() const noexcept {
    if (orphaned()) return false;
    return (is_putter_ ? !queue_->full() : !queue_->empty()) || queue_->shut_down_;
}

}  // namespace aio::detail
