// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace aio::tests {

/// Ends the program, which libFuzzer reports together with the text, if what has to hold of every text does
/// not.
inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

/// Whether a text has what must never reach a message's head.
inline bool breaks_lines(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

/// The bytes that libFuzzer gives.
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    const void* const bytes = data;
    return {static_cast<const char*>(bytes), size};
}

/// Calls fn, which may refuse a text by ValueError and by nothing else.
template <class Fn>
void may_refuse(Fn&& fn) {
    try {
        fn();
    } catch (const ValueError&) {
    }
}

}  // namespace aio::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
