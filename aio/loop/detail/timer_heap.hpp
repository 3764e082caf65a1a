// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/trivial_vector.hpp>
#include <aio/base/time.hpp>
#include <aio/loop/detail/runnable.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace aio::detail {

class ReadyQueue;

/// What a TimerHeap knows of a node. Apart from it, because g++ takes a friend of a class with virtual
/// functions for one that may delete through it (-Wnon-virtual-dtor).
class TimerPlace {
public:
    bool armed() const noexcept { return index_ != kNotArmed; }
    /// The deadline it is, or was last, armed for.
    TimePoint when() const noexcept { return when_; }

protected:
    TimerPlace() noexcept {}  // the fields that only count while it is armed stay unset
    explicit TimerPlace(TimePoint when) noexcept : when_(when) {}
    ~TimerPlace() = default;

private:
    friend class TimerHeap;
    static constexpr std::uint32_t kNotArmed = 0xffffffff;
    TimePoint when_;
    // Ties are served in the order of arming (first armed, first run). Once it is due: its place in the
    // ready queue.
    std::uint64_t sequence_;
    std::uint32_t index_ = kNotArmed;
};

/// One deadline in a TimerHeap; queued to run when it has passed.
class TimerNode : public Runnable, public TimerPlace {
protected:
    TimerNode() noexcept = default;
    explicit TimerNode(TimePoint when) noexcept : TimerPlace(when) {}
    ~TimerNode() = default;
};

/// Deadlines in a 4-ary heap whose nodes know their places, so that withdrawing one is O(log n)
/// without a search, and a cancelled timer leaves nothing behind.
class TimerHeap {
public:
    bool empty() const noexcept { return entries_.empty(); }
    std::size_t size() const noexcept { return entries_.size(); }
    /// (TimePoint::max)() if there is none, or none that ever comes.
    TimePoint next_deadline() const noexcept {
        return entries_.empty() ? (TimePoint::max)() : entries_.front().when;
    }

    /// Arms `node` for `when`. It must not be armed already.
    void push(TimerNode& node, TimePoint when) {
        take_turn(node);
        push_in_turn(node, when);
    }
    /// The two halves of push(), for a node that is armed only if it is needed: its turn among equal
    /// deadlines is that of take_turn(), after which only push_in_turn() may follow.
    void take_turn(TimerNode& node) noexcept { node.sequence_ = last_sequence_ += step_; }
    void push_in_turn(TimerNode& node, TimePoint when);
    /// So many more can be armed without a failure.
    void make_room(std::size_t count) {
        if (entries_.capacity() - entries_.size() < count) entries_.reserve(2 * (entries_.size() + count));
    }

    /// The earliest deadline that was armed since this was asked last; (TimePoint::max)() if none was.
    TimePoint take_earliest_new() noexcept { return std::exchange(earliest_new_, (TimePoint::max)()); }

    /// Withdraws `node` if it is armed.
    void remove(TimerNode& node) noexcept;

    /// Queues a node that is due without having been armed.
    static void queue(TimerNode& node, ReadyQueue& ready);
    /// Withdraws a node that was armed or queued and has not run yet.
    void withdraw(TimerNode& node, ReadyQueue& ready) noexcept;

    /// Queues every node that is due at `now`, earliest first.
    void collect(TimePoint now, ReadyQueue& ready);

    /// Serves equal deadlines in another order than that of arming, which the odd part of `number` decides.
    void shuffle(std::uint64_t number) noexcept { step_ = number | 1; }

    /// Disarms everything, calling discard() on each node.
    void clear() noexcept;

private:
    struct Entry {
        TimePoint when;
        TimerNode* node;
        bool before(const Entry& other) const noexcept {
            const Duration::rep mine =
                when.time_since_epoch().count();  // cheaper to compile than comparing time points
            const Duration::rep theirs = other.when.time_since_epoch().count();
            return mine < theirs || (mine == theirs && node->sequence_ < other.node->sequence_);
        }
    };
    void place(std::size_t index, const Entry& entry) noexcept {
        entries_[index] = entry;
        entry.node->index_ = static_cast<std::uint32_t>(index);
    }
    void collect_many(TimePoint now, ReadyQueue& ready);
    std::size_t count_due(TimePoint now, std::size_t limit) const;
    void sift_up(std::size_t index, const Entry& entry) noexcept;
    void sift_down(std::size_t index, const Entry& entry) noexcept;

    TrivialVector<Entry> entries_;
    std::uint64_t last_sequence_ = 0;
    std::uint64_t step_ = 1;  // any other odd number mixes the order of the sequence numbers
    TimePoint earliest_new_ = (TimePoint::max)();
};

}  // namespace aio::detail
