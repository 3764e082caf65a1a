// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aio::cli {

/// "12.3 MB".
std::string size_text(double bytes);

/// Tells how far several things are on standard error: by a bar for each, if that is a terminal which has
/// room for them; else by a line when one has ended.
class Progress {
public:
    using Clock = std::chrono::steady_clock;
    struct Item {
        std::string name;
        std::uint64_t done = 0;
        std::uint64_t resumed = 0;  ///< of these, from an earlier time
        std::optional<std::uint64_t> total = {};
        std::string outcome = {};  ///< once it has ended
        Clock::time_point begin = {};
        Clock::time_point end = {};
    };

    /// The outcome of what went well; others are what went wrong.
    static constexpr const char* kDone = "done";

    explicit Progress(bool quiet);
    /// What is shown from now on, by its place.
    std::size_t add(std::string name);
    Item& at(std::size_t place) { return items_.at(place); }
    void begin(std::size_t place) { at(place).begin = Clock::now(); }
    void end(std::size_t place, std::string outcome);
    /// Draws the bars anew. On a terminal, some times a second.
    void draw();
    /// It is a terminal, and has a line for each.
    bool shows_bars() const;

private:
    std::string line_of(const Item& item, std::size_t width) const;

    std::vector<Item> items_;
    const bool quiet_;
    const bool terminal_;
    std::size_t drawn_ = 0;  ///< lines
};

}  // namespace aio::cli
