// SPDX-License-Identifier: MIT
#include <aio/base/detail/repr.hpp>
#include <aio/http/detail/line_scanner.hpp>
#include <aio/http/error.hpp>

#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <algorithm>
#include <bit>
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

/// The first CR or LF, or `end`. Most lines are too short for two calls of memchr() to be worth their price.
const char* find_end(const char* begin, const char* end) noexcept {
#ifdef __SSE2__
    for (; end - begin >= 16; begin += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(begin));
        const __m128i is_cr = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r'));
        const __m128i is_lf = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
        const auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(is_cr, is_lf)));
        if (found) return begin + std::countr_zero(found);
    }
#endif
    while (begin != end && *begin != '\r' && *begin != '\n') ++begin;
    return begin;
}

}  // namespace

bool LineScanner::scan(std::string_view data, const LineLimits& limits) {
    const std::size_t end = std::min(data.size(), limits.total);
    while (line_ < end) {
        const char* const line = data.data() + line_;
        const std::size_t most = (lines_ == 0 ? limits.first : limits.line) + 2;
        const std::size_t there = std::min(end - line_, most);
        const char* const at = find_end(line + scanned_, line + there);
        const auto size = static_cast<std::size_t>(at - line);
        if (size + 1 < there && at[0] == '\r' && at[1] == '\n') [[likely]] {
            scanned_ = 0;
            line_ += size + 2;
            if (size == 0) return true;
            take_line({line, size}, limits);
            continue;
        }
        if (size < there && at[0] == '\n') alone("LF", {line, size + 1});
        if (size + 1 < there) alone("CR", {line, size + 1});
        if (there == most) line_too_long(lines_ == 0, limits);
        scanned_ = size;
        break;
    }
    if (end == limits.total) {
        throw LineTooLong("the " + std::string(limits.name) + " have more than " +
                              std::to_string(limits.total) + " bytes together",
                          431);
    }
    return false;
}

void LineScanner::take_line(std::string_view line, const LineLimits& limits) {
    if (line[0] == ' ' || line[0] == '\t') {
        throw InvalidHeader("a line that continues the one before it: " + repr_of(line));
    }
    if (lines_ == 0) first_line_ = line.size();
    if (line[0] == ':') throw InvalidHeader("a header field without a name: " + repr_of(line));
    if (++lines_ > limits.count) {
        throw LineTooLong("more than " + std::to_string(limits.count) + " lines of " + limits.name, 431);
    }
}

}  // namespace aio::http::detail
