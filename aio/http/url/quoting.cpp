// SPDX-License-Identifier: MIT
#include <aio/http/url/quoting.hpp>
#include <aio/http/url/url_quoting_impl.hpp>
#include <aio/http/url/utf8_impl.hpp>

namespace aio::http {
namespace {

std::string encode(std::string_view text, std::string_view safe, bool blank_is_plus) {
    const detail::Bytes kept = detail::Bytes(detail::kUnreserved) | detail::Bytes(safe);
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        if (kept.has(c)) {
            result += c;
        } else if (c == ' ' && blank_is_plus) {
            result += '+';
        } else {
            detail::append_encoded(result, c);
        }
    }
    return result;
}

std::string decode(std::string_view text, bool plus_is_blank) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const int value = detail::encoded_byte(text, i);
        if (value >= 0) {
            result += static_cast<char>(value);
            i += 3;
        } else {
            result += text[i] == '+' && plus_is_blank ? ' ' : text[i];
            ++i;
        }
    }
    return result;
}

}  // namespace

std::string quote(std::string_view text, std::string_view safe) { return encode(text, safe, false); }

std::string quote_plus(std::string_view text, std::string_view safe) { return encode(text, safe, true); }

std::string unquote(std::string_view text) { return detail::replace_invalid_utf8(decode(text, false)); }

std::string unquote_plus(std::string_view text) { return detail::replace_invalid_utf8(decode(text, true)); }

std::string unquote_to_bytes(std::string_view text) { return decode(text, false); }

}  // namespace aio::http
