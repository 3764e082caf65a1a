// SPDX-License-Identifier: MIT
#include <aio/http/fields/range.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/syntax_impl.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace aio::http {
namespace {

constexpr std::uint64_t kLastByte = std::numeric_limits<std::uint64_t>::max() - 1;

/// The position that a text names; none, with `good` left true, if it is empty.
std::optional<std::uint64_t> take_position(std::string_view text, bool& good) {
    if (text.empty()) return std::nullopt;
    const auto number = syntax::parse_digits(text);
    if (!number) {
        good = false;
        return std::nullopt;
    }
    // So that the byte behind it has a number as well.
    return std::min(*number, kLastByte);
}

std::optional<RangeSpec> parse_spec(std::string_view text) {
    const std::size_t hyphen = text.find('-');
    if (hyphen == std::string_view::npos) return std::nullopt;
    bool good = true;
    RangeSpec spec;
    spec.first = take_position(syntax::trim(text.substr(0, hyphen)), good);
    spec.last = take_position(syntax::trim(text.substr(hyphen + 1)), good);
    if (!good || (!spec.first && !spec.last)) return std::nullopt;
    if (spec.first && spec.last && *spec.last < *spec.first) return std::nullopt;
    return spec;
}

/// What there is of a piece; of size 0 if nothing.
ByteRange piece_of(const RangeSpec& spec, std::uint64_t size) {
    if (!spec.first) return {size - std::min(size, *spec.last), size};
    const std::uint64_t stop = spec.last ? std::min(size, *spec.last + 1) : size;
    return {std::min(*spec.first, stop), stop};
}

/// In the body's order, and joined where they overlap. As they were if none of them does.
std::vector<ByteRange> without_overlaps(std::vector<ByteRange> ranges) {
    std::vector<ByteRange> sorted = ranges;
    std::sort(sorted.begin(), sorted.end(),
              [](const ByteRange& left, const ByteRange& right) { return left.start < right.start; });
    std::vector<ByteRange> joined;
    for (const ByteRange& range : sorted) {
        if (joined.empty() || range.start >= joined.back().stop) {
            joined.push_back(range);
        } else {
            joined.back().stop = std::max(joined.back().stop, range.stop);
        }
    }
    return joined.size() == ranges.size() ? ranges : joined;
}

}  // namespace

std::optional<std::vector<RangeSpec>> parse_range(std::string_view text) {
    text = syntax::trim(text);
    constexpr std::string_view kUnit = "bytes=";
    if (!equal_ignoring_case(text.substr(0, kUnit.size()), kUnit)) return std::nullopt;
    text.remove_prefix(kUnit.size());
    std::vector<RangeSpec> specs;
    while (const auto element = syntax::next_element(text)) {
        const auto spec = parse_spec(*element);
        if (!spec || specs.size() == kMostRanges) return std::nullopt;
        specs.push_back(*spec);
    }
    if (specs.empty()) return std::nullopt;
    return specs;
}

std::vector<ByteRange> satisfiable_ranges(std::span<const RangeSpec> specs, std::uint64_t size) {
    std::vector<ByteRange> ranges;
    for (const RangeSpec& spec : specs) {
        const ByteRange range = piece_of(spec, size);
        if (range.size() > 0) ranges.push_back(range);
    }
    return without_overlaps(std::move(ranges));
}

std::string ContentRange::str() const {
    std::string text = "bytes ";
    if (range && range->size() > 0) {
        text += std::to_string(range->start) + '-' + std::to_string(range->stop - 1);
    } else {
        text += '*';
    }
    text += '/';
    text += size ? std::to_string(*size) : "*";
    return text;
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
    text = syntax::trim(text);
    constexpr std::string_view kUnit = "bytes ";
    if (!equal_ignoring_case(text.substr(0, kUnit.size()), kUnit)) return std::nullopt;
    text = syntax::trim(text.substr(kUnit.size()));
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const std::string_view whole = text.substr(slash + 1);
    ContentRange found;
    if (whole != "*") {
        found.size = syntax::parse_digits(whole);
        if (!found.size) return std::nullopt;
    }
    if (text.substr(0, slash) == "*") return found.size ? std::optional(found) : std::nullopt;
    const auto spec = parse_spec(text.substr(0, slash));
    if (!spec || !spec->first || !spec->last) return std::nullopt;
    if (found.size && *spec->last >= *found.size) return std::nullopt;
    found.range = ByteRange{*spec->first, *spec->last + 1};
    return found;
}

}  // namespace aio::http
