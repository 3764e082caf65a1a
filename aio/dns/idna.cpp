// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/dns/idna.hpp>

#include <idn2.h>
#include <algorithm>
#include <memory>
#include <new>

namespace aio::dns {
namespace {

using Text = std::unique_ptr<char, void (*)(void*)>;

bool is_ascii(std::string_view name) noexcept {
    return std::none_of(name.begin(), name.end(), [](char c) { return static_cast<signed char>(c) < 0; });
}

[[noreturn]] void raise_failure(const char* what, const std::string& name, int error) {
    if (error == IDN2_MALLOC) throw std::bad_alloc();
    throw ValueError(std::string(what) + " '" + name +
                     "' with 'idna' codec failed: " + ::idn2_strerror(error));
}

// The library would take the byte for the end.
std::string checked(std::string_view name) {
    if (name.find('\0') != name.npos) throw ValueError("embedded null character");
    return std::string(name);
}

}  // namespace

std::string idna_encode(std::string_view name) {
    std::string text = checked(name);
    if (is_ascii(text)) return text;
    char* made = nullptr;
    const int error = ::idn2_to_ascii_8z(text.c_str(), &made, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (error != IDN2_OK) raise_failure("encoding", text, error);
    return Text(made, ::idn2_free).get();
}

std::string idna_decode(std::string_view name) {
    const std::string text = checked(name);
    char* made = nullptr;
    const int error = ::idn2_to_unicode_8z8z(text.c_str(), &made, 0);
    if (error != IDN2_OK) raise_failure("decoding", text, error);
    return Text(made, ::idn2_free).get();
}

}  // namespace aio::dns
