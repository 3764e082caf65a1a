// SPDX-License-Identifier: MIT
#pragma once

#include "histogram.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace aio::cli {

struct BenchResult {
    Histogram times;
    std::map<int, std::uint64_t> statuses;
    std::map<std::string, std::uint64_t> errors;
    std::uint64_t bytes = 0;  ///< of bodies
    double seconds = 0;
    double cpu = 0;  ///< processors that were used here
};

void print_report(const BenchResult& result, const std::string& url, std::size_t connections,
                  std::optional<double> rate);
void print_json(const BenchResult& result, const std::string& url, std::size_t connections,
                std::optional<double> rate);

}  // namespace aio::cli
