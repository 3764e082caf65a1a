// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

/// Where the queues keep their items, one class for each order. What throws, an item's move, a comparison or
/// the allocation of memory, leaves everything as it was. take() moves out the next item, whose place
/// drop() frees; drop() alone gets rid of some item.
namespace aio::detail {

/// An item whose move may throw: moving this does not. So no queue ever has to copy.
template <class T>
class Boxed {
public:
    explicit Boxed(T&& item) : item_(new T(std::move(item))) {}
    T& get() const noexcept { return *item_; }

private:
    std::unique_ptr<T> item_;
};

/// The memory of all three: a ring of items that grows by doubling and is kept for reuse.
///
/// An item's destructor may come back to the queue. It is called when the item has left the ring, and while
/// it runs nothing is built in this memory (`limit_` is 0), nor is it given back.
template <class T, bool kMayMove = std::is_nothrow_move_constructible_v<T>>
class Slots {
    using Stored = std::conditional_t<kMayMove, T, Boxed<T>>;

public:
    Slots() noexcept = default;
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;
    ~Slots() {
        while (size() > 0) pop_front();
        if (items_) deallocate(items_, capacity_);
    }

    std::size_t size() const noexcept { return tail_ - head_; }
    Stored& slot(std::size_t index) const noexcept { return items_[(head_ + index) & (capacity_ - 1)]; }
    T& operator[](std::size_t index) const noexcept {
        if constexpr (kMayMove) {
            return slot(index);
        } else {
            return slot(index).get();
        }
    }
    template <class F>
    void for_each(F&& visit) const {
        for (std::size_t i = 0; i != size(); ++i) visit((*this)[i]);
    }

    void push_back(T&& item) {
        while (size() >= limit_) [[unlikely]]
            grow();
        new (static_cast<void*>(&slot(size()))) Stored(std::move(item));
        ++tail_;
    }
    void pop_front() noexcept {
        Stored& first = slot(0);
        ++head_;
        destroy(first);
    }
    void pop_back() noexcept {
        --tail_;
        destroy(slot(size()));
    }

private:
    static constexpr std::size_t kFirstCapacity = 4;

    static void deallocate(Stored* items, std::size_t capacity) noexcept {
        std::allocator<Stored>().deallocate(items, capacity);
    }
    void destroy(Stored& gone) noexcept {
        if constexpr (!std::is_trivially_destructible_v<Stored>) {
            Stored* const items = items_;
            const std::size_t capacity = capacity_;
            const bool outermost = std::exchange(limit_, 0) != 0;
            gone.~Stored();
            if (!outermost) return;
            if (items_ == items) {
                limit_ = capacity_;
            } else {  // it has put so much that the ring is elsewhere now
                deallocate(items, capacity);
            }
        }
    }
    void grow() {
        const std::size_t count = size();
        const std::size_t larger = capacity_ == 0      ? kFirstCapacity
                                   : count < capacity_ ? capacity_
                                                       : capacity_ * 2;
        Stored* const items = std::allocator<Stored>().allocate(larger);
        for (std::size_t i = 0; i != count; ++i)
            new (static_cast<void*>(items + i)) Stored(std::move(slot(i)));
        Slots old;
        old.head_ = std::exchange(head_, 0);
        old.tail_ = std::exchange(tail_, count);
        old.items_ = std::exchange(items_, items);
        old.capacity_ = std::exchange(capacity_, larger);
        old.limit_ = std::exchange(limit_, larger);
        if (old.limit_ > 0) return;
        // A destructor runs in there, and who called it gives the memory back.
        while (old.size() > 0) old.pop_front();
        old.items_ = nullptr;
    }

    Stored* items_ = nullptr;
    std::size_t capacity_ = 0;  // zero or a power of two
    std::size_t limit_ = 0;     // how many items there may be before it grows
    std::size_t head_ = 0;      // both only ever grow, but for pop_back(); their difference is the size
    std::size_t tail_ = 0;
};

/// First in, first out.
template <class T>
class RingStorage {
public:
    void push(T&& item) { items_.push_back(std::move(item)); }
    T take() { return std::move(items_[0]); }
    void drop() noexcept { items_.pop_front(); }
    template <class F>
    void for_each(F&& visit) const {
        items_.for_each(visit);
    }

private:
    Slots<T> items_;
};

/// Last in, first out.
template <class T>
class StackStorage {
public:
    void push(T&& item) { items_.push_back(std::move(item)); }
    T take() { return std::move(items_[items_.size() - 1]); }
    void drop() noexcept { items_.pop_back(); }
    template <class F>
    void for_each(F&& visit) const {
        items_.for_each(visit);
    }

private:
    Slots<T> items_;
};

/// Least first: a binary heap, with the order of comparisons and the layout of Python's heapq. Places are
/// found before anything moves, so that a comparison may throw.
template <class T, class Compare>
class HeapStorage {
public:
    explicit HeapStorage(Compare before) : before_(std::move(before)) {}

    void push(T&& item) {
        items_.push_back(std::move(item));
        const std::size_t last = items_.size() - 1;
        std::size_t place = last;
        try {
            for (; place > 0 && before_(items_[last], items_[parent(place)]); place = parent(place)) {
            }
        } catch (...) {
            items_.pop_back();
            throw;
        }
        if (place == last) return;
        auto held = std::move(items_.slot(last));
        std::size_t hole = last;
        for (; hole != place; hole = parent(hole)) items_.slot(hole) = std::move(items_.slot(parent(hole)));
        items_.slot(hole) = std::move(held);
    }

    T take() {
        const std::size_t last = items_.size() - 1;
        const std::size_t place = place_for_last(last);
        T least = std::move(items_[0]);
        if (last > 0) {
            // The items on the way from the root to the place move up by one. No temporary is made, whose
            // destructor could come back to the queue.
            shift_up(place);
            items_.slot(place) = std::move(items_.slot(last));
        }
        return least;
    }
    void drop() noexcept { items_.pop_back(); }

    template <class F>
    void for_each(F&& visit) const {
        items_.for_each(visit);
    }

private:
    static std::size_t parent(std::size_t index) noexcept { return (index - 1) / 2; }

    // Where the last item goes when the root is gone: down the smaller children to a leaf, then up again.
    std::size_t place_for_last(std::size_t last) {
        std::size_t place = 0;
        for (std::size_t child = 1; child < last; child = 2 * place + 1) {
            if (child + 1 < last && !before_(items_[child], items_[child + 1])) ++child;
            place = child;
        }
        // What stands at a place will have moved to its parent.
        while (place > 0 && before_(items_[last], items_[place])) place = parent(place);
        return place;
    }
    void shift_up(std::size_t place) noexcept {
        if (place == 0) return;
        const std::size_t above = parent(place);
        shift_up(above);
        items_.slot(above) = std::move(items_.slot(place));
    }

    Slots<T, std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>> items_;
    [[no_unique_address]] Compare before_;
};

}  // namespace aio::detail
