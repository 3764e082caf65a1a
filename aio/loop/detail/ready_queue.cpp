// SPDX-License-Identifier: MIT
#include <aio/loop/detail/ready_queue.hpp>

namespace aio::detail {

std::string Runnable::repr() const { return "<internal callback>"; }

ReadyQueue::ReadyQueue() : mask_(255), full_at_(capacity()) { slots_.reserve(capacity()); }

void ReadyQueue::push_into_full(Runnable& item) {
    make_room();
    put(item);
}

void ReadyQueue::push_into_full_or_discard(Runnable& item) {
    try {
        make_room();
    } catch (...) {
        item.discard();
        throw;
    }
    put(item);
}

void ReadyQueue::make_room() {
    if (size() == capacity()) grow();
    full_at_ = head_ + capacity();
}

// The ring is full. Every entry keeps its place, so those whose place has the new bit move up.
void ReadyQueue::grow() {
    slots_.reserve(capacity() * 2);
    for (std::size_t place = head_; place != tail_; ++place) {
        const std::size_t slot = place & mask_;
        if (place & capacity()) slots_[capacity() + slot] = slots_[slot];
    }
    mask_ = mask_ * 2 + 1;
}

void ReadyQueue::remove(const Runnable& item) noexcept {
    for (std::size_t i = head_; i != tail_; ++i) {
        Runnable*& slot = slots_[i & mask_];
        if (slot == &item) slot = nullptr;
    }
}

void ReadyQueue::clear() noexcept {
    while (!empty()) {
        if (Runnable* item = pop()) item->discard();
    }
}

}  // namespace aio::detail
