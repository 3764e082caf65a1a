// SPDX-License-Identifier: MIT
// What the load generators share: giving up, clocks, the result.
#pragma once

#include "../../cli/histogram.hpp"

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

inline double microseconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1000; }

/// The JSON line for run.py.
inline void print_result(std::uint64_t messages, const aio::cli::Histogram& latencies, double seconds,
                         double cpu) {
    std::printf(
        "{\"messages\": %llu, \"rate\": %.0f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"generator_cpu\": %.3f}\n",
        static_cast<unsigned long long>(messages), static_cast<double>(messages) / seconds,
        microseconds(latencies.percentile(0.5)), microseconds(latencies.percentile(0.99)), cpu / seconds);
}
