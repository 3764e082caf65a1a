// SPDX-License-Identifier: MIT
#include <aio/http/url/utf8_impl.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace aio::http::detail {
namespace {

unsigned byte_at(std::string_view text, std::size_t i) noexcept {
    return static_cast<unsigned char>(text[i]);
}

// What may follow a first byte: how many bytes, and the bounds of the first of them, which keep out overlong
// forms, surrogates and what is beyond U+10FFFF.
struct Following {
    std::size_t count;
    unsigned low = 0x80;
    unsigned high = 0xBF;
};

Following following(unsigned first) noexcept {
    if (first >= 0xC2 && first <= 0xDF) return {1};
    if (first == 0xE0) return {2, 0xA0};
    if (first == 0xED) return {2, 0x80, 0x9F};
    if (first >= 0xE1 && first <= 0xEF) return {2};
    if (first == 0xF0) return {3, 0x90};
    if (first >= 0xF1 && first <= 0xF3) return {3};
    if (first == 0xF4) return {3, 0x80, 0x8F};
    return {0};
}

/// How many bytes at the beginning are ASCII; eight at a time, since most texts are nothing else.
std::size_t ascii_size(std::string_view text) noexcept {
    std::size_t i = 0;
    for (; text.size() - i >= 8; i += 8) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + i, sizeof word);
        if (word & 0x8080808080808080) break;
    }
    while (i < text.size() && byte_at(text, i) < 0x80) ++i;
    return i;
}

}  // namespace

Utf8Step utf8_step(std::string_view text) noexcept {
    const unsigned first = byte_at(text, 0);
    if (first < 0x80) return {1, true};
    Following next = following(first);
    if (next.count == 0) return {1, false};
    for (std::size_t i = 1; i <= next.count; ++i) {
        if (i == text.size() || byte_at(text, i) < next.low || byte_at(text, i) > next.high)
            return {i, false};
        next.low = 0x80;
        next.high = 0xBF;
    }
    return {next.count + 1, true};
}

bool Utf8Validator::feed(std::string_view piece) noexcept {
    for (std::size_t i = 0; i < piece.size(); ++i) {
        if (left_ == 0) {
            i += ascii_size(piece.substr(i));
            if (i == piece.size()) break;
            const Following next = following(byte_at(piece, i));
            if (next.count == 0) return false;
            left_ = static_cast<unsigned>(next.count);
            low_ = next.low;
            high_ = next.high;
        } else {
            const unsigned byte = byte_at(piece, i);
            if (byte < low_ || byte > high_) return false;
            low_ = 0x80;
            high_ = 0xBF;
            --left_;
        }
    }
    return true;
}

std::string replace_invalid_utf8(std::string text) {
    const auto first =
        std::find_if(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) < 0; });
    if (first == text.end()) return text;
    std::string result(text.begin(), first);
    for (std::string_view rest = std::string_view(text).substr(result.size()); !rest.empty();) {
        const Utf8Step step = utf8_step(rest);
        result += step.valid ? rest.substr(0, step.size) : std::string_view("\xEF\xBF\xBD");
        rest.remove_prefix(step.size);
    }
    return result;
}

}  // namespace aio::http::detail
