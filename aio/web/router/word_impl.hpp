// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace aio::web::detail {

/// Eight bytes as a number, the first one lowest.
inline std::uint64_t load_word(const char* at) noexcept {
    static_assert(std::endian::native == std::endian::little);
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    return word;
}

/// The same of fewer, with zeros behind them. Those in the middle are read twice.
inline std::uint64_t load_word(const char* at, std::size_t size) noexcept {
    if (size >= 4) {
        std::uint32_t first = 0;
        std::uint32_t last = 0;
        std::memcpy(&first, at, 4);
        std::memcpy(&last, at + size - 4, 4);
        return first | std::uint64_t{last} << 8 * (size - 4);
    }
    if (size == 0) return 0;
    const auto byte = [at](std::size_t i) {
        return std::uint64_t{static_cast<unsigned char>(at[i])} << 8 * i;
    };
    return byte(0) | byte(size / 2) | byte(size - 1);
}

}  // namespace aio::web::detail
