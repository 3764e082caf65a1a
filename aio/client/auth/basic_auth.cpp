// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/auth/basic_auth.hpp>

#include <cstddef>
#include <cstdint>

namespace aio::http {
namespace {

std::string encode_base64(std::string_view bytes) {
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            group = group << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            text += j <= count ? kDigits[group >> (18 - 6 * j) & 63] : '=';
        }
    }
    return text;
}

// Its characters up to U+00FF are two bytes in UTF-8, of which the first is C2 or C3.
std::string to_latin1(std::string_view utf8) {
    std::string text;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto byte = static_cast<unsigned char>(utf8[i]);
        if (byte < 0x80) {
            text += utf8[i];
            continue;
        }
        const auto next = static_cast<unsigned char>(++i < utf8.size() ? utf8[i] : '\0');
        if ((byte != 0xc2 && byte != 0xc3) || next >> 6 != 2) {
            throw ValueError("encode_basic_auth(): not in Latin-1");
        }
        text += static_cast<char>((byte & 3) << 6 | (next & 63));
    }
    return text;
}

}  // namespace

std::string encode_basic_auth(std::string_view login, std::string_view password, BasicAuthEncoding encoding) {
    if (login.find(':') != std::string_view::npos) {
        throw ValueError("a \":\" is not allowed in login (RFC 7617, 2)");
    }
    std::string both(login);
    both += ':';
    both += password;
    return "Basic " + encode_base64(encoding == BasicAuthEncoding::latin1 ? to_latin1(both) : both);
}

}  // namespace aio::http
