// SPDX-License-Identifier: MIT
#pragma once

#include <sys/resource.h>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

/// What the microbenchmark programs of every library share: `PROGRAM BENCH N` does a thing N times and
/// prints one line of JSON.
namespace measure {

inline std::uint64_t sink;  ///< results go here, so that the compiler cannot drop the work

inline double seconds_of(clockid_t clock) {
    timespec now;
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Wall and CPU time from construction to report().
class Span {
public:
    /// Prints the time per operation and the most memory the process ever had.
    void report(const std::string& bench, std::uint64_t count) const {
        const double wall = seconds_of(CLOCK_MONOTONIC) - wall_;
        const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_;
        rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        const double per_operation = 1e9 / static_cast<double>(count);
        std::printf("{\"bench\": \"%s\", \"n\": %llu, \"ns\": %.2f, \"cpu_ns\": %.2f, \"rss_mb\": %.1f}\n",
                    bench.c_str(), static_cast<unsigned long long>(count), wall * per_operation,
                    cpu * per_operation, static_cast<double>(usage.ru_maxrss) / 1024);
    }

private:
    double wall_ = seconds_of(CLOCK_MONOTONIC);
    double cpu_ = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
};

/// The command line: which benchmark, how often.
struct Request {
    std::string bench;
    std::uint64_t count;

    Request(int argc, char** argv) {
        if (argc != 3 || (count = std::strtoull(argv[2], nullptr, 0)) == 0) {
            std::fprintf(stderr, "usage: %s BENCH N\n", argv[0]);
            std::exit(2);
        }
        bench = argv[1];
    }
    [[noreturn]] void unknown() const {
        std::fprintf(stderr, "no such benchmark: %s\n", bench.c_str());
        std::exit(2);
    }
};

}  // namespace measure
