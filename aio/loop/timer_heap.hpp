// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/time.hpp>
#include <aio/loop/runnable.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aio {

class ReadyQueue;

/// One deadline in a TimerHeap; a member of whatever waits for it.
struct TimerNode {
    static constexpr std::uint32_t kNotArmed = 0xffffffff;

    explicit TimerNode(Runnable& runs) noexcept : owner(&runs) {}
    bool armed() const noexcept { return index != kNotArmed; }

    TimePoint when{};
    std::uint64_t sequence = 0;  ///< ties are served in the order of arming (first armed, first run)
    Runnable* owner;             ///< queued when the deadline has passed
    std::uint32_t index = kNotArmed;
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

    /// Withdraws `node` if it is armed.
    void remove(TimerNode& node) noexcept;

    /// Queues the owner of every node due at `now`, earliest first.
    void collect(TimePoint now, ReadyQueue& ready);

    /// Disarms everything, calling discard() on each owner.
    void clear() noexcept;

private:
    struct Entry {
        TimePoint when;
        TimerNode* node;
        bool before(const Entry& other) const noexcept {
            return when < other.when || (when == other.when && node->sequence < other.node->sequence);
        }
    };
    void place(std::size_t index, const Entry& entry) noexcept {
        entries_[index] = entry;
        entry.node->index = static_cast<std::uint32_t>(index);
    }
    void sift_up(std::size_t index, const Entry& entry) noexcept;
    void sift_down(std::size_t index, const Entry& entry) noexcept;

    std::vector<Entry> entries_;
    std::uint64_t last_sequence_ = 0;
};

}  // namespace aio
