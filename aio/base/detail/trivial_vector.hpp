// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

namespace aio::detail {

/// Growing array of trivial elements. Grows by realloc(), which moves large blocks by remapping their
/// pages: no second copy of a million entries, and no hole left behind.
template <class T>
class TrivialVector {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

public:
    TrivialVector() noexcept = default;
    TrivialVector(TrivialVector&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    TrivialVector& operator=(TrivialVector&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }
    ~TrivialVector() { std::free(data_); }

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }
    std::size_t capacity() const noexcept { return capacity_; }
    T* begin() const noexcept { return data_; }
    T* end() const noexcept { return data_ + size_; }
    T& operator[](std::size_t index) const noexcept { return data_[index]; }
    T& front() const noexcept { return data_[0]; }
    T& back() const noexcept { return data_[size_ - 1]; }

    void push_back(T item) {  // by value: it may be an element of this very array
        if (size_ == capacity_) [[unlikely]]
            reserve(capacity_ ? capacity_ * 2 : 16);
        data_[size_++] = item;
    }
    void pop_back() noexcept { --size_; }
    void shrink(std::size_t size) noexcept { size_ = size; }

    /// Makes room for `capacity` elements.
    void reserve(std::size_t capacity) {
        void* larger = std::realloc(data_, capacity * sizeof(T));  // NOLINT(bugprone-sizeof-expression)
        if (!larger) throw std::bad_alloc();
        data_ = static_cast<T*>(larger);
        capacity_ = capacity;
    }

private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace aio::detail
