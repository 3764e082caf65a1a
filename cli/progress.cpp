// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace aio::cli {
namespace {

constexpr std::size_t kNameWidth = 24;
constexpr std::size_t kNumbersWidth = 36;

struct Size {
    std::size_t columns = 80;
    std::size_t rows = 24;
};

Size terminal_size() {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
    return {size.ws_col, size.ws_row};
}

std::string fitted(std::string text, std::size_t width) {
    if (text.size() > width) text = text.substr(0, width - 2) + "..";
    text.resize(width, ' ');
    return text;
}

std::string bar(double part, std::size_t width) {
    const auto full = static_cast<std::size_t>(part * static_cast<double>(width));
    return "[" + std::string(full, '#') + std::string(width - full, '.') + "]";
}

}  // namespace

std::string size_text(double bytes) {
    static constexpr std::array kUnits{"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (bytes >= 1000 && unit + 1 < kUnits.size()) {
        bytes /= 1000;
        ++unit;
    }
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", bytes, kUnits[unit]);
    return text.data();
}

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(!quiet && ::isatty(STDERR_FILENO) == 1) {}

std::size_t Progress::add(std::string name) {
    items_.push_back({.name = std::move(name)});
    return items_.size() - 1;
}

void Progress::end(std::size_t place, std::string outcome) {
    Item& item = at(place);
    item.end = Clock::now();
    item.outcome = std::move(outcome);
    if (shows_bars()) {
        draw();
    } else if (!quiet_ && item.outcome == kDone) {  // of errors others tell
        std::fprintf(stderr, "%s\n", line_of(item, 0).c_str());
    }
}

bool Progress::shows_bars() const { return terminal_ && items_.size() < terminal_size().rows; }

void Progress::draw() {
    if (!shows_bars()) return;
    std::string text;
    if (drawn_ > 0) text = "\x1b[" + std::to_string(drawn_) + "A";
    const std::size_t width = terminal_size().columns;
    for (const Item& item : items_) text += "\r\x1b[K" + line_of(item, width) + "\n";
    drawn_ = items_.size();
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

std::string Progress::line_of(const Item& item, std::size_t width) const {
    const bool begun = item.begin != Clock::time_point();
    const bool ended = !item.outcome.empty();
    const double seconds =
        begun ? std::chrono::duration<double>((ended ? item.end : Clock::now()) - item.begin).count() : 0;
    const auto done = static_cast<double>(item.done);
    const auto fresh = static_cast<double>(item.done - item.resumed);
    const std::string rate = seconds > 0 ? size_text(fresh / seconds) + "/s" : "";
    if (width == 0) return item.name + ": " + item.outcome + ", " + size_text(done) + ", " + rate;
    const std::string name = fitted(item.name, std::min(kNameWidth, width / 3)) + " ";
    if (ended && item.outcome != kDone) return (name + item.outcome).substr(0, width);
    const std::string numbers = size_text(done) +
                                (item.total ? " of " + size_text(static_cast<double>(*item.total)) : "") +
                                (rate.empty() ? "" : "  " + rate);
    if (width < name.size() + kNumbersWidth + 12) return (name + numbers).substr(0, width);
    const std::size_t room = width - name.size() - kNumbersWidth - 3;
    const double part = ended              ? 1
                        : !item.total      ? 0
                        : *item.total == 0 ? 1
                                           : std::min(1.0, done / static_cast<double>(*item.total));
    return name + bar(part, room) + " " + numbers;
}

}  // namespace aio::cli
