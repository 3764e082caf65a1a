// SPDX-License-Identifier: MIT
#pragma once

#include "fuzz/fuzz.hpp"
#include "http/delivery.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace aio::tests {

/// Parses a text whole, byte by byte, and cut once, at a place that the text itself chooses, with small
/// limits so that these are met as well. Gives what the parser tells.
template <class Parser>
std::string try_messages(std::string_view text, const char* method) {
    const auto options = http::ParserOptions()
                             .max_line_size(100)
                             .max_field_size(80)
                             .max_headers(8)
                             .max_head_size(250)
                             .max_chunk_extensions(30)
                             .max_trailers_size(100);
    const auto run = [&](const std::vector<std::size_t>& cuts) {
        Delivery<Parser> delivery(options);
        std::string outcome = delivery.run(text, cuts, method);
        require(delivery.is_sound(), "after an error nothing follows, and only missing bytes are asked for");
        return outcome;
    };
    const std::string whole = run({});
    std::vector<std::size_t> all;
    std::size_t sum = 0;
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        all.push_back(cut);
        sum += static_cast<unsigned char>(text[cut]);
    }
    require(run(all) == whole, "byte by byte it is the same");
    if (!all.empty()) require(run({all[sum % all.size()]}) == whole, "cut once it is the same");
    return whole;
}

}  // namespace aio::tests
