// SPDX-License-Identifier: MIT
#include "bench_report.hpp"

#include "progress.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

namespace aio::cli {
namespace {

/// From here on the generator is the limit rather than the server.
constexpr double kBusy = 0.9;
constexpr std::array kParts{0.5, 0.75, 0.9, 0.99, 0.999};
constexpr std::size_t kRows = 12;
constexpr std::size_t kWidth = 40;

double milliseconds(Histogram::Time time) { return static_cast<double>(time.count()) / 1e6; }

std::string time_text(Histogram::Time time) {
    const double ms = milliseconds(time);
    std::array<char, 40> text{};
    if (ms < 1) {
        std::snprintf(text.data(), text.size(), "%.0f us", ms * 1000);
    } else if (ms < 1000) {
        std::snprintf(text.data(), text.size(), "%.2f ms", ms);
    } else {
        std::snprintf(text.data(), text.size(), "%.2f s", ms / 1000);
    }
    return text.data();
}

double rate_of(const BenchResult& result) {
    return static_cast<double>(result.times.total()) / result.seconds;
}

/// Rows that grow by the same factor, from the fastest to the slowest.
void print_histogram(const Histogram& times) {
    const double first = static_cast<double>(std::max<std::int64_t>(times.percentile(0).count(), 1000));
    const double last = static_cast<double>(times.most().count()) + 1;
    if (last <= first * 1.1) return;
    std::vector<std::pair<Histogram::Time, std::uint64_t>> rows;
    std::uint64_t most = 1;
    double begin = 0;
    for (std::size_t i = 1; i <= kRows; ++i) {
        const double part = static_cast<double>(i) / kRows;
        const double end = i == kRows ? last + 1e9 : first * std::pow(last / first, part);
        const auto count = times.between(Histogram::Time(static_cast<std::int64_t>(begin)),
                                         Histogram::Time(static_cast<std::int64_t>(end)));
        rows.emplace_back(Histogram::Time(static_cast<std::int64_t>(i == kRows ? last : end)), count);
        most = std::max(most, count);
        begin = end;
    }
    std::printf("\n  up to\n");
    for (const auto& [time, count] : rows) {
        const std::string bar((count * kWidth + most - 1) / most, '#');
        std::printf("  %9s  %-*s %llu\n", time_text(time).c_str(), static_cast<int>(kWidth), bar.c_str(),
                    static_cast<unsigned long long>(count));
    }
}

bool is_limit(const BenchResult& result, std::optional<double> rate) {
    return result.cpu > kBusy || (rate && rate_of(result) < 0.95 * *rate);
}

}  // namespace

void print_report(const BenchResult& result, const std::string& url, std::size_t connections,
                  std::optional<double> rate) {
    std::printf("%s, %zu connections, %s, %.1f s\n\n", url.c_str(), connections,
                rate ? "open loop" : "closed loop", result.seconds);
    std::printf("  %.0f requests a second, %s/s of bodies\n", rate_of(result),
                size_text(static_cast<double>(result.bytes) / result.seconds).c_str());
    for (const auto& [status, count] : result.statuses)
        std::printf("  %llu answers with %d\n", static_cast<unsigned long long>(count), status);
    for (const auto& [error, count] : result.errors)
        std::printf("  %llu times: %s\n", static_cast<unsigned long long>(count), error.c_str());
    std::printf("\n");
    for (const double part : kParts)
        std::printf("  %5.1f %%  %s\n", part * 100, time_text(result.times.percentile(part)).c_str());
    std::printf("  slowest  %s\n", time_text(result.times.most()).c_str());
    print_histogram(result.times);
    if (!is_limit(result, rate)) return;
    if (rate && rate_of(result) < 0.95 * *rate)
        std::printf(
            "\nOf %.0f requests a second that were due only %.0f were sent: more connections, or a faster "
            "server.\n",
            *rate, rate_of(result));
    if (result.cpu > kBusy)
        std::printf("\nThis program used %.0f %% of a processor: it may be the limit, and not the server.\n",
                    result.cpu * 100);
}

void print_json(const BenchResult& result, const std::string& url, std::size_t connections,
                std::optional<double> rate) {
    boost::json::object times;
    for (const double part : kParts) {
        std::array<char, 16> name{};
        std::snprintf(name.data(), name.size(), "p%g", part * 100);
        times[name.data()] = milliseconds(result.times.percentile(part));
    }
    times["max"] = milliseconds(result.times.most());
    boost::json::object statuses;
    for (const auto& [status, count] : result.statuses) statuses[std::to_string(status)] = count;
    boost::json::object errors;
    for (const auto& [error, count] : result.errors) errors[error] = count;
    boost::json::object all{{"url", url},
                            {"connections", connections},
                            {"seconds", result.seconds},
                            {"requests", result.times.total()},
                            {"rate", rate_of(result)},
                            {"bytes", result.bytes},
                            {"milliseconds", times},
                            {"statuses", statuses},
                            {"errors", errors},
                            {"cpu", result.cpu},
                            {"generator_is_limit", is_limit(result, rate)}};
    all["due_rate"] = rate ? boost::json::value(*rate) : boost::json::value();
    std::printf("%s\n", boost::json::serialize(all).c_str());
}

}  // namespace aio::cli
