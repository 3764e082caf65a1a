// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

/// Where the queues keep their items, one class for each order. push() that throws leaves everything as it
/// was; so does pop() if a comparison throws.
namespace aio::detail {

/// First in, first out: a ring that grows by doubling. Memory is kept for reuse.
template <class T>
class RingStorage {
public:
    RingStorage() noexcept = default;
    RingStorage(const RingStorage&) = delete;
    RingStorage& operator=(const RingStorage&) = delete;
    ~RingStorage() {
        for (std::size_t i = head_; i != tail_; ++i) slot(i).~T();
        release();
    }

    template <class U>
    void push(U&& item) {
        if (tail_ - head_ == capacity_) [[unlikely]] {
            push_and_grow(std::forward<U>(item));
        } else {
            new (static_cast<void*>(&slot(tail_))) T(std::forward<U>(item));
        }
        ++tail_;
    }
    T pop() {
        T item = std::move(slot(head_));
        slot(head_++).~T();
        return item;
    }
    template <class F>
    void for_each(F&& visit) const {
        for (std::size_t i = head_; i != tail_; ++i) visit(slot(i));
    }

private:
    static constexpr std::size_t kFirstCapacity = 4;

    T& slot(std::size_t index) const noexcept { return items_[index & (capacity_ - 1)]; }
    // The new item first: it may refer to one that is about to move.
    template <class U>
    void push_and_grow(U&& item) {
        RingStorage larger;
        larger.capacity_ = capacity_ ? capacity_ * 2 : kFirstCapacity;
        larger.items_ = std::allocator<T>().allocate(larger.capacity_);
        const std::size_t count = tail_ - head_;
        new (static_cast<void*>(larger.items_ + count)) T(std::forward<U>(item));
        try {
            for (; larger.tail_ < count; ++larger.tail_) {
                new (static_cast<void*>(larger.items_ + larger.tail_))
                    T(std::move_if_noexcept(slot(head_ + larger.tail_)));
            }
        } catch (...) {
            larger.items_[count].~T();
            throw;
        }
        for (std::size_t i = head_; i != tail_; ++i) slot(i).~T();
        head_ = 0;
        tail_ = std::exchange(larger.tail_, 0);
        std::swap(items_, larger.items_);
        std::swap(capacity_, larger.capacity_);
    }
    void release() noexcept {
        if (items_) std::allocator<T>().deallocate(items_, capacity_);
    }

    T* items_ = nullptr;
    std::size_t capacity_ = 0;  // zero or a power of two
    std::size_t head_ = 0;      // both only ever grow; their difference is the number of items
    std::size_t tail_ = 0;
};

/// Last in, first out.
template <class T>
class StackStorage {
public:
    template <class U>
    void push(U&& item) {
        items_.push_back(std::forward<U>(item));
    }
    T pop() {
        T item = std::move(items_.back());
        items_.pop_back();
        return item;
    }
    template <class F>
    void for_each(F&& visit) const {
        for (const T& item : items_) visit(item);
    }

private:
    std::vector<T> items_;
};

/// Least first: a binary heap, with the order of comparisons and the layout of Python's heapq. Places are
/// found before anything moves, so that a comparison may throw.
template <class T, class Compare>
class HeapStorage {
public:
    explicit HeapStorage(Compare before) : before_(std::move(before)) {}

    template <class U>
    void push(U&& given) {
        items_.push_back(std::forward<U>(given));
        const std::size_t last = items_.size() - 1;
        std::size_t place = last;
        try {
            for (; place > 0 && before_(items_[last], items_[parent(place)]); place = parent(place)) {
            }
        } catch (...) {
            items_.pop_back();
            throw;
        }
        T item = std::move(items_[last]);
        std::size_t hole = last;
        for (; hole != place; hole = parent(hole)) items_[hole] = std::move(items_[parent(hole)]);
        items_[hole] = std::move(item);
    }

    T pop() {
        const std::size_t last = items_.size() - 1;
        const std::size_t place = place_for_last(last);
        T least = std::move(items_[0]);
        if (last > 0) {
            // The items on the way from the root to the place move up by one.
            T item = std::move(items_[last]);
            shift_up(place);
            items_[place] = std::move(item);
        }
        items_.pop_back();
        return least;
    }

    template <class F>
    void for_each(F&& visit) const {
        for (const T& item : items_) visit(item);
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
    void shift_up(std::size_t place) {
        if (place == 0) return;
        const std::size_t above = parent(place);
        shift_up(above);
        items_[above] = std::move(items_[place]);
    }

    std::vector<T> items_;
    [[no_unique_address]] Compare before_;
};

}  // namespace aio::detail
