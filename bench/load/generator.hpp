// SPDX-License-Identifier: MIT
// What the load generators share: giving up, clocks, latencies, the result.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

inline constexpr std::uint64_t kSecond = 1'000'000'000;
inline constexpr std::uint64_t kWarmUp = kSecond / 5;

[[noreturn]] inline void die(const char* what) {
    std::perror(what);
    std::exit(2);
}
[[noreturn]] inline void give_up(const char* why) {
    std::fprintf(stderr, "%s\n", why);
    std::exit(3);
}

inline std::uint64_t nanoseconds() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * kSecond + static_cast<std::uint64_t>(now.tv_nsec);
}

inline double own_cpu_seconds() {
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Counts latencies in 64 buckets per power of two: at most 1.6 % off.
class Histogram {
public:
    void clear() { counts_.fill(0); }
    void add(std::uint64_t value) { ++counts_[bucket(value)]; }
    double percentile_us(double part) const {
        std::uint64_t total = 0;
        for (const std::uint64_t count : counts_) total += count;
        const auto wanted = static_cast<std::uint64_t>(static_cast<double>(total) * part);
        std::uint64_t seen = 0;
        for (unsigned i = 0; i < counts_.size(); ++i) {
            seen += counts_[i];
            if (seen > wanted) return static_cast<double>(lower_bound(i)) / 1000;
        }
        return 0;
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
    std::array<std::uint64_t, 64 << kBits> counts_{};
};

/// The JSON line for run.py.
inline void print_result(std::uint64_t messages, const Histogram& latencies, double seconds, double cpu) {
    std::printf(
        "{\"messages\": %llu, \"rate\": %.0f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"generator_cpu\": %.3f}\n",
        static_cast<unsigned long long>(messages), static_cast<double>(messages) / seconds,
        latencies.percentile_us(0.5), latencies.percentile_us(0.99), cpu / seconds);
}
