// SPDX-License-Identifier: MIT
#include <aio/http/url/url_quoting_impl.hpp>
#include <aio/http/url/utf8_impl.hpp>
#include <aio/web/router/pattern/path_text_impl.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace aio::web::detail {
namespace {

using http::detail::encoded_byte;

// What "%XX" at `at` and those after it stand for: a character, or a byte that is none.
struct Encoded {
    std::array<char, 4> bytes{};
    http::detail::Utf8Step step{};
};

Encoded encoded_character(std::string_view path, std::size_t at) {
    Encoded encoded;
    std::size_t size = 0;
    for (; size < encoded.bytes.size(); ++size) {
        const int byte = encoded_byte(path, at + 3 * size);
        if (byte < 0) break;
        encoded.bytes[size] = static_cast<char>(byte);
    }
    encoded.step = http::detail::utf8_step(std::string_view(encoded.bytes.data(), size));
    return encoded;
}

}  // namespace

void append_safe_path(std::string& out, std::string_view path) {
    while (!path.empty()) {
        const std::size_t percent = std::min(path.find('%'), path.size());
        out.append(path, 0, percent);
        path.remove_prefix(percent);
        if (path.empty()) return;
        if (encoded_byte(path, 0) < 0) {
            out += "%25";
            path.remove_prefix(1);
            continue;
        }
        const Encoded encoded = encoded_character(path, 0);
        const std::string_view character(encoded.bytes.data(), encoded.step.size);
        if (character == "/" || character == "%") {
            out += character == "/" ? "%2F" : "%25";
        } else if (encoded.step.valid) {
            out += character;
        } else {
            out.append(path, 0, 3 * encoded.step.size);
        }
        path.remove_prefix(3 * encoded.step.size);
    }
}

std::string safe_path(std::string_view path) {
    std::string out;
    out.reserve(path.size());
    append_safe_path(out, path);
    return out;
}

std::size_t decode_safe(char* text, std::size_t size) noexcept {
    const std::string_view from(text, size);
    std::size_t to = 0;
    for (std::size_t i = 0; i < size;) {
        const std::string_view code = from.substr(i, 3);
        const bool kept = code == "%2F" || code == "%25";
        text[to++] = !kept ? from[i] : code == "%2F" ? '/' : '%';
        i += kept ? 3 : 1;
    }
    return to;
}

std::string decode_safe(std::string_view text) {
    std::string decoded(text);
    decoded.resize(decode_safe(decoded.data(), decoded.size()));
    return decoded;
}

std::string requote_path(std::string_view path) { return http::detail::kPathQuoter.requote(path); }

std::string quote_path(std::string_view text) { return http::detail::kPathQuoter.quote(text); }

}  // namespace aio::web::detail
