// SPDX-License-Identifier: MIT
#pragma once

#include <malloc.h>
#include <unistd.h>
#include <array>
#include <cstddef>
#include <cstdlib>

namespace aio::tests {

/// Whether malloc gives a mebibyte that is freed at the end of the heap back to the system. For the main
/// thread.
inline bool heap_gives_back() {
    constexpr std::size_t kBlock = 64 * 1024;  // small enough not to be mapped by itself
    std::array<void* volatile, 16> blocks{};   // or malloc and free are optimised away
    for (void* volatile& block : blocks) block = std::malloc(kBlock);
    const auto* before = static_cast<const char*>(::sbrk(0));
    for (std::size_t i = blocks.size(); i-- > 0;) std::free(blocks[i]);
    return static_cast<const char*>(::sbrk(0)) < before;
}

/// What malloc has given out and not got back. Always 0 under sanitizers, which have a malloc of their own.
inline std::size_t allocated_bytes() {
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
}

}  // namespace aio::tests
