// SPDX-License-Identifier: MIT
#include <aio/base/detail/repr.hpp>

#include <charconv>
#include <cstdio>

namespace aio::detail {
namespace {

constexpr std::size_t kLongest = 30;  // reprlib.Repr().maxstring

std::string quoted(std::string_view text) {
    const bool has_single = text.find('\'') != text.npos;
    const char quote = has_single && text.find('"') == text.npos ? '"' : '\'';
    std::string result(1, quote);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n') {
            result += "\\n";
        } else if (c == '\r') {
            result += "\\r";
        } else if (c == '\t') {
            result += "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\x%02x", byte);
            result += escape;
        } else {
            if (c == quote || c == '\\') result += '\\';
            result += c;
        }
    }
    return result + quote;
}

}  // namespace

std::string repr_of(bool value) { return value ? "True" : "False"; }
std::string repr_of(long long value) { return std::to_string(value); }
std::string repr_of(unsigned long long value) { return std::to_string(value); }

std::string repr_of(double value) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    std::string text(digits, end);
    if (text.find_first_not_of("-0123456789") == text.npos) text += ".0";
    return text;
}

std::string repr_of(std::string_view text) {
    std::string whole = quoted(text.substr(0, kLongest));
    if (text.size() <= kLongest && whole.size() <= kLongest) return whole;
    constexpr std::size_t head = (kLongest - 3) / 2;
    constexpr std::size_t tail = kLongest - 3 - head;
    whole = quoted(text.size() > head + tail
                       ? std::string(text.substr(0, head)).append(text.substr(text.size() - tail))
                       : std::string(text));
    return whole.substr(0, head) + "..." + whole.substr(whole.size() - tail);
}

std::string repr_of(const std::type_info& type) { return "<" + type_name(type) + ">"; }

}  // namespace aio::detail
