// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace aio::detail {

/// Source of the orders that nobody promises (LoopOptions::shuffle()). Without a seed it changes nothing.
class Shuffle {
public:
    explicit Shuffle(std::uint64_t seed) noexcept : state_(seed) {}

    /// Whether there is a seed.
    explicit operator bool() const noexcept { return state_ != 0; }

    /// SplitMix64: the next number.
    std::uint64_t next() noexcept {
        state_ += 0x9e3779b97f4a7c15;
        if (state_ == 0) state_ = 1;  // zero means off
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    /// Puts `count` items into another order.
    template <class T>
    void permute(T* items, std::size_t count) noexcept {
        if (state_ == 0) return;
        for (; count > 1; --count) std::swap(items[next() % count], items[count - 1]);
    }

private:
    std::uint64_t state_;
};

}  // namespace aio::detail
