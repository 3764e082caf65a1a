// SPDX-License-Identifier: MIT
#include <aio/loop/ready_queue.hpp>
#include <aio/loop/timer_heap.hpp>

#include <utility>

namespace aio {

void TimerHeap::push(TimerNode& node, TimePoint when) {
    node.when = when;
    node.sequence = ++last_sequence_;
    entries_.push_back({});
    sift_up(entries_.size() - 1, {when, &node});
}

void TimerHeap::remove(TimerNode& node) noexcept {
    if (!node.armed()) return;
    const std::size_t index = std::exchange(node.index, TimerNode::kNotArmed);
    const Entry last = entries_.back();
    entries_.pop_back();
    if (last.node == &node) return;
    if (index > 0 && last.before(entries_[(index - 1) / 4])) {
        sift_up(index, last);
    } else {
        sift_down(index, last);
    }
}

void TimerHeap::collect(TimePoint now, ReadyQueue& ready) {
    while (!entries_.empty() && entries_.front().when <= now) {
        TimerNode& node = *entries_.front().node;
        ready.push(*node.owner);
        remove(node);
    }
}

void TimerHeap::clear() noexcept {
    // One at a time, from the end (which keeps the heap valid): discard() may destroy other nodes.
    while (!entries_.empty()) {
        TimerNode& node = *entries_.back().node;
        entries_.pop_back();
        node.index = TimerNode::kNotArmed;
        node.owner->discard();
    }
}

void TimerHeap::sift_up(std::size_t index, const Entry& entry) noexcept {
    while (index > 0) {
        const std::size_t parent = (index - 1) / 4;
        if (!entry.before(entries_[parent])) break;
        place(index, entries_[parent]);
        index = parent;
    }
    place(index, entry);
}

void TimerHeap::sift_down(std::size_t index, const Entry& entry) noexcept {
    const std::size_t count = entries_.size();
    for (;;) {
        const std::size_t first = 4 * index + 1;
        if (first >= count) break;
        const std::size_t last = first + 4 < count ? first + 4 : count;
        std::size_t best = first;
        for (std::size_t child = first + 1; child < last; ++child) {
            if (entries_[child].before(entries_[best])) best = child;
        }
        if (!entries_[best].before(entry)) break;
        place(index, entries_[best]);
        index = best;
    }
    place(index, entry);
}

}  // namespace aio
