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

/// The first CR or LF, or `end`; bytes from `floor` on may be read. Most lines are too short for two calls of
/// memchr() to be worth their price.
inline const char* find_end(const char* begin, const char* end, const char* floor) noexcept {
#ifdef __SSE2__
    const auto ends_at = [](const char* bytes16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes16));
        const __m128i is_cr = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r'));
        const __m128i is_lf = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
        return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(is_cr, is_lf)));
    };
    for (; end - begin >= 16; begin += 16) {
        if (const unsigned found = ends_at(begin)) return begin + std::countr_zero(found);
    }
    if (end - floor >= 16) {
        const unsigned found = ends_at(end - 16) >> (16 - (end - begin));
        return found ? begin + std::countr_zero(found) : end;
    }
#endif
    while (begin != end && *begin != '\r' && *begin != '\n') ++begin;
    return begin;
}

/// What the lines after the first cannot begin with: ':' without a name, or what continues the line before.
bool is_bad_begin(char c) noexcept { return c == ' ' || c == '\t' || c == ':'; }

[[noreturn]] void refuse_line(std::string_view line, const LineLimits& limits) {
    if (line[0] == ':') throw InvalidHeader("a header field without a name: " + repr_of(line));
    if (is_bad_begin(line[0]))
        throw InvalidHeader("a line that continues the one before it: " + repr_of(line));
    throw LineTooLong("more than " + std::to_string(limits.count) + " lines of " + limits.name, 431);
}

}  // namespace

std::size_t LineScanner::line_size(std::string_view data) noexcept {
    const char* const begin = data.data();
    return static_cast<std::size_t>(find_end(begin, begin + data.size(), begin) - begin);
}

bool LineScanner::scan(std::string_view data, const LineLimits& limits) {
    const char* const end = data.data() + std::min(data.size(), limits.total);
    const char* line = data.data() + line_;
    const char* at = find_end(line + scanned_, end, data.data());
    while (end - at >= 2 && at[0] == '\r' && at[1] == '\n') {
        const auto size = static_cast<std::size_t>(at - line);
        if (size == 0) {
            line_ = static_cast<std::size_t>(line - data.data()) + 2;
            return true;
        }
        if (size > (lines_ == 0 ? limits.first : limits.line) || is_bad_begin(*line) ||
            lines_ >= limits.count)
            break;
        if (lines_ == 0) first_line_ = size;
        ++lines_;
        line = at + 2;
        at = find_end(line, end, data.data());
    }
    line_ = static_cast<std::size_t>(line - data.data());
    scanned_ = static_cast<std::size_t>(at - line);
    check_line({line, end}, limits);
    if (data.size() >= limits.total) {
        throw LineTooLong("the " + std::string(limits.name) + " have more than " +
                              std::to_string(limits.total) + " bytes together",
                          431);
    }
    return false;
}

void LineScanner::check_line(std::string_view rest, const LineLimits& limits) const {
    const std::size_t most = (lines_ == 0 ? limits.first : limits.line) + 2;
    const std::size_t there = std::min(rest.size(), most);
    const std::size_t size = std::min(scanned_, there);
    if (size + 1 < there && rest[size] == '\r' && rest[size + 1] == '\n')
        refuse_line(rest.substr(0, size), limits);
    if (size < there && rest[size] == '\n') alone("LF", rest.substr(0, size + 1));
    if (size + 1 < there) alone("CR", rest.substr(0, size + 1));
    if (there == most) line_too_long(lines_ == 0, limits);
}

}  // namespace aio::http::detail
