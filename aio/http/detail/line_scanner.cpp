// SPDX-License-Identifier: MIT
#include <aio/base/detail/repr.hpp>
#include <aio/http/detail/line_scanner.hpp>
#include <aio/http/error.hpp>

#include <algorithm>
#include <cstring>
#include <string>

namespace aio::http::detail {
namespace {

using aio::detail::repr_of;

[[noreturn]] void line_too_long(bool first, const LineLimits& limits) {
    if (first) {
        throw LineTooLong("the " + std::string(limits.name_of_first) + " has more than " +
                              std::to_string(limits.first) + " bytes",
                          limits.first_code);
    }
    throw LineTooLong(
        "one of the " + std::string(limits.name) + " has more than " + std::to_string(limits.line) + " bytes",
        431);
}

[[noreturn]] void alone(const char* what, std::string_view line) {
    throw BadHttpMessage(std::string(what) + " without the other of CRLF in " + repr_of(line));
}

}  // namespace

bool LineScanner::scan(std::string_view data, const LineLimits& limits) {
    const std::size_t end = std::min(data.size(), limits.total);
    while (line_ < end) {
        const char* const line = data.data() + line_;
        const std::size_t most = (lines_ == 0 ? limits.first : limits.line) + 2;
        const std::size_t there = std::min(end - line_, most);
        const void* const lf = std::memchr(line + scanned_, '\n', there - scanned_);
        if (!lf) {
            if (there == most) line_too_long(lines_ == 0, limits);
            scanned_ = there;
            break;
        }
        const auto size = static_cast<std::size_t>(static_cast<const char*>(lf) - line) + 1;
        scanned_ = 0;
        line_ += size;
        if (size == 2 && line[0] == '\r') return true;
        take_line({line, size}, limits);
    }
    if (end == limits.total) {
        throw LineTooLong("the " + std::string(limits.name) + " have more than " +
                              std::to_string(limits.total) + " bytes together",
                          431);
    }
    return false;
}

void LineScanner::take_line(std::string_view line, const LineLimits& limits) {
    const std::size_t size = line.size() - 1;
    if (size == 0 || line[size - 1] != '\r') alone("LF", line);
    if (std::memchr(line.data(), '\r', size - 1)) alone("CR", line);
    if (line[0] == ' ' || line[0] == '\t') {
        throw InvalidHeader("a line that continues the one before it: " + repr_of(line));
    }
    if (lines_ == 0) first_line_ = size - 1;
    if (line[0] == ':') throw InvalidHeader("a header field without a name: " + repr_of(line));
    if (++lines_ > limits.count) {
        throw LineTooLong("more than " + std::to_string(limits.count) + " lines of " + limits.name, 431);
    }
}

}  // namespace aio::http::detail
