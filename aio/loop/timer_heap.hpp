// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/time.hpp>
#include <aio/base/trivial_vector.hpp>
#include <aio/loop/runnable.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace aio {

class ReadyQueue;

/// One deadline in a TimerHeap; queued to run when it has passed.
class TimerNode : public Runnable {
public:
    bool armed() const noexcept { return index_ != kNotArmed; }
    /// The deadline it is, or was last, armed for.
    TimePoint when() const noexcept { return when_; }

protected:
    TimerNode() noexcept {}  // the fields that only count while it is armed stay unset
    explicit TimerNode(TimePoint when) noexcept : when_(when) {}
    ~TimerNode() = default;

private:
    friend class TimerHeap;
    static constexpr std::uint32_t kNotArmed = 0xffffffff;
    TimePoint when_;
    std::uint64_t sequence_;  // ties are served in the order of arming (first armed, first run)
    std::uint32_t index_ = kNotArmed;
};

/// Deadlines in a 4-ary heap whose nodes know their places, so that withdrawing one is O(log n)
/// without a search, and a cancelled timer leaves nothing behind.
class TimerHeap {
public:
    bool empty() const noexcept { return entries_.empty(); }
    std::size_t size() const noexcept { return entries_.size(); }
    TimePoint next_deadline() const noexcept { return entries_.front().when; }

    /// Arms `node` for `when`. It must not be armed already.
    void push(TimerNode& node, TimePoint when);

    /// Whether a node was armed that is now the earliest; asks once.
    bool take_new_front() noexcept { return std::exchange(new_front_, false); }

    /// Withdraws `node` if it is armed.
    void remove(TimerNode& node) noexcept;

    /// Queues every node that is due at `now`, earliest first.
    void collect(TimePoint now, ReadyQueue& ready);

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
    bool new_front_ = false;
};

}  // namespace aio
