// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aio::http::detail {

/// The beginning of a text: a character, or bytes that are none.
struct Utf8Step {
    std::size_t size;
    bool valid;
};

/// Of an incomplete character its beginning is one step, as Python's decoder has it. `text` is not empty.
Utf8Step utf8_step(std::string_view text) noexcept;

/// Whether a text that comes in pieces is UTF-8.
class Utf8Validator {
public:
    /// False once it cannot become a text any more.
    bool feed(std::string_view piece) noexcept;
    /// No character is cut off.
    bool complete() const noexcept { return left_ == 0; }

private:
    unsigned left_ = 0;  ///< bytes of a character
    unsigned low_ = 0;   ///< the bounds of the next one
    unsigned high_ = 0;
};

/// `text` with U+FFFD in the place of each step that is no character: bytes.decode(errors="replace").
std::string replace_invalid_utf8(std::string text);

}  // namespace aio::http::detail
