// SPDX-License-Identifier: MIT
#include <aio/loop/ready_queue.hpp>

namespace aio {

std::string Runnable::repr() const { return "<internal callback>"; }

ReadyQueue::ReadyQueue() : slots_(std::make_unique_for_overwrite<Runnable*[]>(256)), capacity_(256) {}

void ReadyQueue::grow() {
    auto larger = std::make_unique_for_overwrite<Runnable*[]>(capacity_ * 2);
    const std::size_t count = size();
    for (std::size_t i = 0; i < count; ++i) larger[i] = slots_[(head_ + i) & (capacity_ - 1)];
    slots_ = std::move(larger);
    capacity_ *= 2;
    head_ = 0;
    tail_ = count;
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
