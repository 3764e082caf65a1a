// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>

#include <idn2.h>
#include <algorithm>
#include <memory>
#include <new>
#include <string>
#include <string_view>

/// International names by libidn2, for each library that has them: aio::dns, and aio::http, which does
/// without the rest of aio::dns. Inline, because neither links the other.
namespace aio::detail {

inline bool is_ascii(std::string_view text) noexcept {
    return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) < 0; });
}

using IdnaText = std::unique_ptr<char, void (*)(void*)>;

[[noreturn]] inline void raise_idna_failure(const char* what, const std::string& name, int error) {
    if (error == IDN2_MALLOC) throw std::bad_alloc();
    throw ValueError(std::string(what) + " '" + name +
                     "' with 'idna' codec failed: " + ::idn2_strerror(error));
}

/// What libidn2 can be given: it would take the byte for the end.
inline std::string without_null(std::string_view name) {
    if (name.find('\0') != name.npos) throw ValueError("embedded null character");
    return std::string(name);
}

inline std::string encode_idna(std::string_view name) {
    std::string text = without_null(name);
    if (is_ascii(text)) return text;
    char* made = nullptr;
    const int error = ::idn2_to_ascii_8z(text.c_str(), &made, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (error != IDN2_OK) raise_idna_failure("encoding", text, error);
    return IdnaText(made, ::idn2_free).get();
}

inline std::string decode_idna(std::string_view name) {
    const std::string text = without_null(name);
    char* made = nullptr;
    const int error = ::idn2_to_unicode_8z8z(text.c_str(), &made, 0);
    if (error != IDN2_OK) raise_idna_failure("decoding", text, error);
    return IdnaText(made, ::idn2_free).get();
}

}  // namespace aio::detail
