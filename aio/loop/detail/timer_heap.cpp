// SPDX-License-Identifier: MIT
#include <aio/loop/detail/ready_queue.hpp>
#include <aio/loop/detail/timer_heap.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace aio::detail {
namespace {

constexpr std::size_t kFewTimers = 32;  // as many as are taken one by one

}  // namespace

void TimerHeap::push_in_turn(TimerNode& node, TimePoint when) {
    node.when_ = when;
    entries_.push_back({});
    sift_up(entries_.size() - 1, {when, &node});
    if (when < earliest_new_) earliest_new_ = when;
}

void TimerHeap::remove(TimerNode& node) noexcept {
    if (!node.armed()) return;
    const std::size_t index = std::exchange(node.index_, TimerNode::kNotArmed);
    const Entry last = entries_.back();
    entries_.pop_back();
    if (last.node == &node) return;
    if (index > 0 && last.before(entries_[(index - 1) / 4])) {
        sift_up(index, last);
    } else {
        sift_down(index, last);
    }
}

void TimerHeap::queue(TimerNode& node, ReadyQueue& ready) {
    node.sequence_ = ready.next_place();
    ready.push(node);
}

void TimerHeap::withdraw(TimerNode& node, ReadyQueue& ready) noexcept {
    if (node.armed()) {
        remove(node);
    } else {
        ready.remove_at(node.sequence_, node);
    }
}

void TimerHeap::collect(TimePoint now, ReadyQueue& ready) {
    // When a large part of the heap is due, taking all of it at once is linear. The sign of it is that
    // the newest entry is due, or that a good number were.
    std::size_t until_check = !entries_.empty() && entries_.back().when <= now ? 1 : kFewTimers;
    while (!entries_.empty() && entries_.front().when <= now) {
        if (--until_check == 0 && entries_.size() > kFewTimers &&
            count_due(now, entries_.size() / 8) > entries_.size() / 8) {
            collect_many(now, ready);
            return;
        }
        TimerNode& node = *entries_.front().node;
        remove(node);
        queue(node, ready);
    }
}

// The due entries are a subtree at the top: counted depth first, up to a bit more than `limit`.
std::size_t TimerHeap::count_due(TimePoint now, std::size_t limit) const {
    std::size_t count = 0;
    std::vector<std::size_t> open{0};
    while (!open.empty() && count <= limit) {
        const std::size_t index = open.back();
        open.pop_back();
        if (index >= entries_.size() || entries_[index].when > now) continue;
        ++count;
        for (std::size_t child = 1; child <= 4; ++child) open.push_back(4 * index + child);
    }
    return count;
}

void TimerHeap::collect_many(TimePoint now, ReadyQueue& ready) {
    TrivialVector<Entry> rest;
    for (const Entry& entry : entries_) {
        if (entry.when > now) rest.push_back(entry);
    }
    TrivialVector<Entry> due = std::exchange(entries_, std::move(rest));
    due.shrink(static_cast<std::size_t>(
        std::remove_if(due.begin(), due.end(), [now](const Entry& entry) { return entry.when > now; }) -
        due.begin()));
    // Timers that were armed in the order of their deadlines are in order already.
    const auto earlier = [](const Entry& a, const Entry& b) { return a.before(b); };
    if (!std::is_sorted(due.begin(), due.end(), earlier)) std::sort(due.begin(), due.end(), earlier);
    for (const Entry& entry : due) {
        entry.node->index_ = TimerNode::kNotArmed;
        queue(*entry.node, ready);
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) place(i, entries_[i]);
    for (std::size_t i = (entries_.size() + 2) / 4; i-- > 0;) {
        const Entry entry = entries_[i];  // a copy: its place is overwritten
        sift_down(i, entry);
    }
}

void TimerHeap::clear() noexcept {
    // One at a time, from the end (which keeps the heap valid): discard() may destroy other nodes.
    while (!entries_.empty()) {
        TimerNode& node = *entries_.back().node;
        entries_.pop_back();
        node.index_ = TimerNode::kNotArmed;
        node.discard();
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

}  // namespace aio::detail
