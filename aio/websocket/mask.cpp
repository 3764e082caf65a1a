// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/websocket/mask_impl.hpp>

#include <sys/random.h>
#include <bit>
#include <cerrno>
#include <cstring>

namespace aio::http::detail {

// By words: byte by byte a message of 64 KiB would cost more than to send it.
void apply_mask(char* to, const char* from, std::size_t size, MaskKey key, std::uint64_t at) noexcept {
    static_assert(std::endian::native == std::endian::little);
    const MaskKey turned = std::rotr(key, static_cast<int>(at % 4 * 8));
    const std::uint64_t word = turned | std::uint64_t{turned} << 32;
    std::size_t i = 0;
    for (; size - i >= sizeof word; i += sizeof word) {
        std::uint64_t part;
        std::memcpy(&part, from + i, sizeof part);
        part ^= word;
        std::memcpy(to + i, &part, sizeof part);
    }
    for (unsigned shift = 0; i < size; ++i, shift += 8) {
        to[i] = static_cast<char>(static_cast<unsigned char>(from[i]) ^ (word >> shift & 0xFF));
    }
}

MaskKey MaskKeys::next() {
    if (left_ == 0) {
        // So few come all at once, and without interruption (getrandom(2)).
        if (::getrandom(keys_, sizeof keys_, 0) != static_cast<ssize_t>(sizeof keys_))
            raise_os_error(errno, "getrandom");
        left_ = kAtOnce;
    }
    return keys_[--left_];
}

}  // namespace aio::http::detail
