// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/trivial_vector.hpp>
#include <aio/loop/detail/runnable.hpp>

#include <cstddef>

namespace aio::detail {

/// First-in first-out queue of what is ready to run: a ring of pointers that grows by doubling.
///
/// A ring, not a linked list: the next entries are known before the current one has run, so their
/// cache misses overlap.
class ReadyQueue {
public:
    ReadyQueue();

    bool empty() const noexcept { return head_ == tail_; }
    std::size_t size() const noexcept { return tail_ - head_; }

    void push(Runnable& item) {
        if (tail_ == full_at_) [[unlikely]]
            return push_into_full(item);
        put(item);
    }

    /// push() of something new: if there is no memory it is discarded before the error is thrown.
    void push_or_discard(Runnable& item) {
        if (tail_ == full_at_) [[unlikely]]
            return push_into_full_or_discard(item);
        put(item);
    }

    /// Puts `item` in front of all others, once until front_done(): it is what pop() gives next.
    void push_front(Runnable& item) {
        if (size() == capacity()) [[unlikely]]
            grow();
        slots_[--head_ & mask_] = &item;
        full_at_ = head_ + capacity();
        front_ = 1;
    }
    void front_done() noexcept { front_ = 0; }

    /// A number that what was popped last has for its own while it runs.
    std::size_t step() const noexcept { return head_ + front_; }

    /// Removes and returns the oldest entry; null where remove() took one out.
    Runnable* pop() noexcept { return slots_[head_++ & mask_]; }
    /// The same for the first of `count` that are taken one after the other.
    Runnable* pop_one_of([[maybe_unused]] std::size_t count) noexcept {
#if defined(__GNUC__)
        if (count > 4) __builtin_prefetch(slots_[(head_ + 4) & mask_]);
#endif
        return pop();
    }

    /// Where the next entry will stand, for remove_at(). Never the same twice in 2^64 entries, but for
    /// push_front().
    std::size_t next_place() const noexcept { return tail_; }

    /// Takes `item` out if it stands at `place`, which stays, empty.
    void remove_at(std::size_t place, const Runnable& item) noexcept {
        if (place - head_ >= tail_ - head_) return;  // popped already
        Runnable*& slot = slots_[place & mask_];
        if (slot == &item) slot = nullptr;
    }
    /// Takes `item` out wherever it stands. Linear: for destructors only.
    void remove(const Runnable& item) noexcept;

    /// Drops everything, calling discard() on each entry.
    void clear() noexcept;

private:
    std::size_t capacity() const noexcept { return mask_ + 1; }
    void put(Runnable& item) noexcept { slots_[tail_++ & mask_] = &item; }
    // Apart, so that whoever pushes last needs no frame.
    [[gnu::noinline]] void push_into_full(Runnable& item);
    [[gnu::noinline]] void push_into_full_or_discard(Runnable& item);
    void make_room();
    void grow();

    TrivialVector<Runnable*> slots_;
    std::size_t mask_;      // the capacity of slots_, a power of two, less one
    std::size_t head_ = 0;  // both only ever grow, but for push_front(); their difference is the size
    std::size_t tail_ = 0;
    std::size_t full_at_;    // where tail_ may have come round to head_, which has to be looked at
    std::size_t front_ = 0;  // whether push_front()'s is in place
};

}  // namespace aio::detail
