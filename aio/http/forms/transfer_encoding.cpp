// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/forms/transfer_encoding_impl.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/http/syntax_impl.hpp>

#include <cstddef>
#include <utility>

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

// A text of one or two characters that may become an escape or the end of a line that goes on.
bool is_begun(std::string_view text) noexcept {
    if (text == "=" || text == "=\r") return true;
    return text.size() == 2 && text[0] == '=' && syntax::hex_digit(text[1]) >= 0;
}

}  // namespace

TransferDecoder::TransferDecoder(const Headers& headers) {
    const std::string encoding = syntax::lower(headers.get(hdrs::CONTENT_TRANSFER_ENCODING, "binary"));
    if (encoding == "base64") {
        kind_ = Kind::base64;
    } else if (encoding == "quoted-printable") {
        kind_ = Kind::quoted_printable;
    } else if (encoding != "binary" && encoding != "8bit" && encoding != "7bit") {
        throw ValueError("multipart: unknown content transfer encoding: " + encoding);
    }
}

std::string TransferDecoder::decode(std::string piece) {
    if (kind_ == Kind::none) return piece;
    std::string out;
    out.reserve(piece.size());
    if (kind_ == Kind::base64) {
        decode_base64(piece, out);
        return out;
    }
    held_ += piece;
    held_.erase(0, decode_quoted_printable(held_, out));
    return out;
}

void TransferDecoder::decode_base64(std::string_view text, std::string& out) {
    for (const char c : text) {
        if (c == '=') padded_ = true;
        if (padded_) return;
        const std::size_t digit = kDigits.find(c);
        if (digit == kDigits.npos) continue;
        bits_ = (bits_ << 6) | static_cast<std::uint32_t>(digit);
        if (++digits_ != 4) continue;
        for (int shift = 16; shift >= 0; shift -= 8) out += static_cast<char>((bits_ >> shift) & 0xFF);
        bits_ = 0;
        digits_ = 0;
    }
}

// Gives how much of the text that was.
std::size_t TransferDecoder::decode_quoted_printable(std::string_view text, std::string& out) const {
    const std::size_t size = text.size();
    while (!text.empty() && !is_begun(text)) {
        const int byte = escaped_byte(text);
        if (byte >= 0) {
            out += static_cast<char>(byte);
            text.remove_prefix(3);
        } else if (text.starts_with("=\r\n")) {  // a line that goes on
            text.remove_prefix(3);
        } else if (text.starts_with("=\n")) {
            text.remove_prefix(2);
        } else {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return size - text.size();
}

std::string TransferDecoder::finish() {
    if (digits_ == 1) throw ValueError("multipart: incorrect base64");
    std::string out = std::exchange(held_, {});
    if (digits_ == 2) out += static_cast<char>((bits_ >> 4) & 0xFF);
    if (digits_ == 3) {
        out += static_cast<char>((bits_ >> 10) & 0xFF);
        out += static_cast<char>((bits_ >> 2) & 0xFF);
    }
    digits_ = 0;
    return out;
}

}  // namespace aio::http::detail
