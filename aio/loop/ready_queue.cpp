// SPDX-License-Identifier: MIT
#include <aio/loop/ready_queue.hpp>

namespace aio {

std::string Runnable::repr() const { return "<internal callback>"; }

ReadyQueue::ReadyQueue() : capacity_(256) { slots_.reserve(capacity_); }

// The ring is full: what stands before the head moves behind the old end.
void ReadyQueue::grow() {
    slots_.reserve(capacity_ * 2);
    const std::size_t split = head_ & (capacity_ - 1);
    for (std::size_t i = 0; i < split; ++i) slots_[capacity_ + i] = slots_[i];
    head_ = split;
    tail_ = split + capacity_;
    capacity_ *= 2;
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

}  // namespace aio
