// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace aio::web::detail {

/// A character at the beginning of a text: its code and how many bytes it takes. Bytes that are no character
/// have the code kNoCharacter, one step of utf8_step() each.
struct Character {
    std::uint32_t code;
    std::size_t size;
};

inline constexpr std::uint32_t kNoCharacter = 0x110000;

/// `text` is not empty.
Character first_character(std::string_view text) noexcept;

/// A set of characters, as `[a-z_]` and `\w` name them in a pattern.
class CharSet {
public:
    /// What it has of that which is beyond ASCII.
    enum class Beyond : std::uint8_t { nothing, some, everything };

    static CharSet digits();
    static CharSet spaces();
    /// Letters, digits and the underscore; beyond ASCII those that the C library takes for such.
    static CharSet words();

    void add(std::uint32_t first, std::uint32_t last);
    void add(const CharSet& other);
    void invert() noexcept;

    bool has(std::uint32_t code) const noexcept {
        return code < 0x80 ? (ascii_[code / 64] >> (code % 64) & 1) != 0 : has_beyond(code);
    }
    Beyond beyond() const noexcept;

private:
    struct Range {
        std::uint32_t first;
        std::uint32_t last;
    };
    // One of those that were put together; what is in none of them is what `invert` decides.
    struct Part {
        std::vector<Range> ranges;
        bool words = false;
        bool inverted = false;

        bool has(std::uint32_t code) const noexcept;
        Beyond beyond() const noexcept;
    };

    bool has_beyond(std::uint32_t code) const noexcept;
    void put(std::uint32_t first, std::uint32_t last) noexcept;

    std::array<std::uint64_t, 2> ascii_{};
    std::vector<Part> parts_;
    bool inverted_ = false;
};

}  // namespace aio::web::detail
