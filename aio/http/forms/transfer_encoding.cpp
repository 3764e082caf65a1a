// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/forms/transfer_encoding_impl.hpp>
#include <aio/http/syntax_impl.hpp>

#include <cstddef>
#include <cstdint>

namespace aio::http::detail {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// "=XX" at the beginning of a text as a byte, -1 if it is none.
int escaped_byte(std::string_view text) noexcept {
    if (text.size() < 3 || text[0] != '=') return -1;
    const int high = syntax::hex_digit(text[1]);
    const int low = syntax::hex_digit(text[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

}  // namespace

std::string decode_base64(std::string_view text) {
    std::string result;
    result.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        if (c == '=') break;
        const std::size_t digit = kDigits.find(c);
        if (digit == kDigits.npos) continue;
        bits = (bits << 6) | static_cast<std::uint32_t>(digit);
        if (++count != 4) continue;
        for (int shift = 16; shift >= 0; shift -= 8) result += static_cast<char>((bits >> shift) & 0xFF);
        bits = 0;
        count = 0;
    }
    if (count == 1) throw ValueError("multipart: incorrect base64");
    if (count == 2) result += static_cast<char>((bits >> 4) & 0xFF);
    if (count == 3) {
        result += static_cast<char>((bits >> 10) & 0xFF);
        result += static_cast<char>((bits >> 2) & 0xFF);
    }
    return result;
}

std::string decode_quoted_printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const int byte = escaped_byte(text);
        if (byte >= 0) {
            result += static_cast<char>(byte);
            text.remove_prefix(3);
        } else if (text.starts_with("=\r\n")) {  // a line that goes on
            text.remove_prefix(3);
        } else if (text.starts_with("=\n")) {
            text.remove_prefix(2);
        } else {
            result += text.front();
            text.remove_prefix(1);
        }
    }
    return result;
}

}  // namespace aio::http::detail
