// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace aio::cli {

/// Counts times in 64 buckets for each power of two nanoseconds: at most 1.6 % off.
class Histogram {
public:
    using Time = std::chrono::nanoseconds;

    void add(Time time) {
        const auto value = static_cast<std::uint64_t>(time.count() > 0 ? time.count() : 0);
        ++counts_[bucket(value)];
        ++total_;
        if (time > most_) most_ = time;
    }
    std::uint64_t total() const noexcept { return total_; }
    Time most() const noexcept { return most_; }
    /// The time that this part of all, 0 to 1, did not take longer than.
    Time percentile(double part) const {
        const auto wanted = static_cast<std::uint64_t>(static_cast<double>(total_) * part);
        std::uint64_t seen = 0;
        for (unsigned i = 0; i < counts_.size(); ++i) {
            seen += counts_[i];
            if (seen > wanted) return Time(static_cast<std::int64_t>(lower_bound(i)));
        }
        return most_;
    }
    /// How many took at least the first time and less than the second one.
    std::uint64_t between(Time from, Time to) const {
        std::uint64_t count = 0;
        for (unsigned i = 0; i < counts_.size(); ++i) {
            const auto time = static_cast<std::int64_t>(lower_bound(i));
            if (time >= from.count() && time < to.count()) count += counts_[i];
        }
        return count;
    }

private:
    static constexpr unsigned kBits = 6;
    static unsigned bucket(std::uint64_t value) {
        if (value < (1U << kBits)) return static_cast<unsigned>(value);
        const auto exponent = static_cast<unsigned>(std::bit_width(value)) - 1;
        return ((exponent - kBits + 1) << kBits) +
               static_cast<unsigned>((value >> (exponent - kBits)) & ((1U << kBits) - 1));
    }
    static std::uint64_t lower_bound(unsigned index) {
        const unsigned exponent = index >> kBits;
        if (exponent == 0) return index;
        return ((1ULL << kBits) + (index & ((1U << kBits) - 1))) << (exponent - 1);
    }

    std::array<std::uint64_t, std::size_t{64} << kBits> counts_{};
    std::uint64_t total_ = 0;
    Time most_{};
};

}  // namespace aio::cli
