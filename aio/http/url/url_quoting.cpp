// SPDX-License-Identifier: MIT
#include <aio/http/syntax_impl.hpp>
#include <aio/http/url/url_quoting_impl.hpp>
#include <aio/http/url/utf8_impl.hpp>

namespace aio::http::detail {
namespace {

constexpr Bytes kDelimiters("+=&;");

// Appends what a run of encoded bytes stands for; `run` is its text.
void append_decoded(std::string& result, std::string_view run, bool query) {
    std::string bytes;
    for (std::size_t i = 0; i < run.size(); i += 3) bytes += static_cast<char>(encoded_byte(run, i));
    for (std::size_t i = 0; i < bytes.size();) {
        const Utf8Step step = utf8_step(std::string_view(bytes).substr(i));
        if (!step.valid) {
            result += run.substr(3 * i, 3 * step.size);
        } else if (query && kDelimiters.has(bytes[i])) {
            append_encoded(result, bytes[i]);
        } else {
            result.append(bytes, i, step.size);
        }
        i += step.size;
    }
}

std::string decode(std::string_view text, bool query) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t begin = i;
        while (encoded_byte(text, i) >= 0) i += 3;
        if (i != begin) {
            append_decoded(result, text.substr(begin, i - begin), query);
        } else {
            result += query && text[i] == '+' ? ' ' : text[i];
            ++i;
        }
    }
    return result;
}

}  // namespace

int encoded_byte(std::string_view text, std::size_t i) noexcept {
    if (i + 2 >= text.size() || text[i] != '%') return -1;
    const int high = syntax::hex_digit(text[i + 1]);
    const int low = syntax::hex_digit(text[i + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

void append_encoded(std::string& text, char c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    text += '%';
    text += digits[byte >> 4];
    text += digits[byte & 15];
}

void Quoter::append(std::string& result, char c) const {
    if (query_ && c == ' ') {
        result += '+';
    } else if (safe_.has(c)) {
        result += c;
    } else {
        append_encoded(result, c);
    }
}

void Quoter::append_again(std::string& result, int byte) const {
    const char c = static_cast<char>(byte);
    if (safe_.has(c) && !kept_.has(c)) {
        result += c;
    } else {
        append_encoded(result, c);
    }
}

std::string Quoter::quote(std::string_view text) const {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) append(result, c);
    return result;
}

std::string Quoter::requote(std::string_view text) const {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const int byte = encoded_byte(text, i);
        if (byte >= 0) {
            append_again(result, byte);
            i += 3;
        } else {
            append(result, text[i]);
            ++i;
        }
    }
    return result;
}

std::string unquote_part(std::string_view text) { return decode(text, false); }

std::string unquote_query(std::string_view text) { return decode(text, true); }

}  // namespace aio::http::detail
