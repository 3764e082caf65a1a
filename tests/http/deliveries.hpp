// SPDX-License-Identifier: MIT
#pragma once

#include "http/delivery.hpp"
#include "support/part_of.hpp"
#include "support/sanitized.hpp"

#include <aio/http/parser_options.hpp>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

/// What a parser makes of the same bytes, however they are cut.
namespace aio::tests {

/// What a parser tells of `wire`, which must be the same whole, cut once anywhere, byte by byte and at
/// random.
template <class Parser>
std::string told(std::string_view wire, const http::ParserOptions& options = http::ParserOptions(),
                 const char* method = nullptr) {
    const auto run = [&](const std::vector<std::size_t>& cuts) {
        Delivery<Parser> delivery(options);
        const std::string outcome = delivery.run(wire, cuts, method);
        EXPECT_TRUE(delivery.is_sound());
        return outcome;
    };
    const std::string whole = run({});
    std::vector<std::size_t> all;
    const std::size_t stride = wire.size() / 300 + 1;
    for (std::size_t cut = 1; cut < wire.size(); ++cut) {
        all.push_back(cut);
        if (cut % stride != 0 && cut > 300) continue;
        const std::string cut_once = run({cut});
        EXPECT_EQ(cut_once, whole) << "cut at " << cut;
        if (cut_once != whole) return whole;
    }
    EXPECT_EQ(run(all), whole) << "byte by byte";
    std::minstd_rand random(7);
    const std::size_t rounds = part_of(kSlow ? 100 : 1000);
    for (std::size_t round = 0; round < rounds; ++round) {
        std::vector<std::size_t> some;
        for (const std::size_t cut : all) {
            if (random() % 7 == 0) some.push_back(cut);
        }
        EXPECT_EQ(run(some), whole) << "cut at random";
    }
    return whole;
}

}  // namespace aio::tests
