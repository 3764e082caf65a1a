// SPDX-License-Identifier: MIT
#include <aio/http/url/utf8_impl.hpp>
#include <aio/web/router/pattern/char_set_impl.hpp>

#include <locale.h>
#include <wctype.h>
#include <algorithm>

namespace aio::web::detail {
namespace {

constexpr std::uint32_t kAsciiEnd = 0x80;

// Python asks its own tables; those of the C library know the same letters and digits, whatever the
// program's locale.
bool is_word_beyond_ascii(std::uint32_t code) noexcept {
    static const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return code < kNoCharacter && unicode != nullptr && iswalnum_l(static_cast<wint_t>(code), unicode) != 0;
}

}  // namespace

Character first_character(std::string_view text) noexcept {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < kAsciiEnd) return {first, 1};
    const http::detail::Utf8Step step = http::detail::utf8_step(text);
    if (!step.valid) return {kNoCharacter, step.size};
    constexpr std::array<unsigned, 5> first_bits = {0, 0x7F, 0x1F, 0x0F, 0x07};
    std::uint32_t code = first & first_bits[step.size];
    for (const char c : text.substr(1, step.size - 1)) {
        code = (code << 6) | (static_cast<unsigned char>(c) & 0x3F);
    }
    return {code, step.size};
}

CharSet CharSet::digits() {
    CharSet set;
    set.add('0', '9');
    return set;
}

CharSet CharSet::spaces() {
    CharSet set;
    set.add('\t', '\r');
    set.add(' ', ' ');
    return set;
}

CharSet CharSet::words() {
    CharSet set;
    set.add('a', 'z');
    set.add('A', 'Z');
    set.add('0', '9');
    set.add('_', '_');
    set.parts_.emplace_back().words = true;
    return set;
}

void CharSet::add(std::uint32_t first, std::uint32_t last) {
    put(first, std::min(last, kAsciiEnd - 1));
    if (last < kAsciiEnd) return;
    parts_.emplace_back().ranges.push_back({std::max(first, kAsciiEnd), last});
}

void CharSet::add(const CharSet& other) {
    for (std::size_t i = 0; i < ascii_.size(); ++i) ascii_[i] |= other.ascii_[i];
    if (!other.inverted_) {
        parts_.insert(parts_.end(), other.parts_.begin(), other.parts_.end());
        return;
    }
    // An inverted set is of one part, or of none: \D, \W, \S.
    Part part = other.parts_.empty() ? Part() : other.parts_.front();
    part.inverted = !part.inverted;
    parts_.push_back(std::move(part));
}

void CharSet::invert() noexcept {
    for (std::uint64_t& half : ascii_) half = ~half;
    inverted_ = !inverted_;
}

CharSet::Beyond CharSet::beyond() const noexcept {
    bool some = false;
    for (const Part& part : parts_) {
        const Beyond beyond = part.beyond();
        if (beyond == Beyond::everything) return inverted_ ? Beyond::nothing : Beyond::everything;
        some = some || beyond == Beyond::some;
    }
    if (some) return Beyond::some;
    return inverted_ ? Beyond::everything : Beyond::nothing;
}

bool CharSet::has_beyond(std::uint32_t code) const noexcept {
    const bool found =
        std::any_of(parts_.begin(), parts_.end(), [code](const Part& part) { return part.has(code); });
    return found != inverted_;
}

void CharSet::put(std::uint32_t first, std::uint32_t last) noexcept {
    for (std::uint32_t code = first; code <= last; ++code) {
        ascii_[code / 64] |= std::uint64_t{1} << (code % 64);
    }
}

bool CharSet::Part::has(std::uint32_t code) const noexcept {
    const bool found = (words && is_word_beyond_ascii(code)) ||
                       std::any_of(ranges.begin(), ranges.end(), [code](const Range& range) {
                           return range.first <= code && code <= range.last;
                       });
    return found != inverted;
}

CharSet::Beyond CharSet::Part::beyond() const noexcept {
    if (words || !ranges.empty()) return Beyond::some;
    return inverted ? Beyond::everything : Beyond::nothing;
}

}  // namespace aio::web::detail
