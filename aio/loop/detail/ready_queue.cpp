// SPDX-License-Identifier: MIT
#include <aio/loop/detail/ready_queue.hpp>

namespace aio::detail {

std::string Runnable::repr() const { return "<internal callback>"; }

ReadyQueue::ReadyQueue() : capacity_(256) { slots_.reserve(capacity_); }

// The ring is full. Every entry keeps its place, so those whose place has the new bit move up.
void ReadyQueue::grow() {
    slots_.reserve(capacity_ * 2);
    for (std::size_t place = head_; place != tail_; ++place) {
        const std::size_t slot = place & (capacity_ - 1);
        if (place & capacity_) slots_[capacity_ + slot] = slots_[slot];
    }
    capacity_ *= 2;
}

void ReadyQueue::grow_for(Runnable& item) {
    try {
        grow();
    } catch (...) {
        item.discard();
        throw;
    }
}

void ReadyQueue::remove(const Runnable& item) noexcept {
    for (std::size_t i = head_; i != tail_; ++i) {
        Runnable*& slot = slots_[i & (capacity_ - 1)];
        if (slot == &item) slot = nullptr;
    }
}

void ReadyQueue::clear() noexcept {
    while (!empty()) {
        if (Runnable* item = pop()) item->discard();
    }
}

}  // namespace aio::detail
