// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>

namespace aio {

/// The buffer that all connections of a thread receive into: 256 KiB, of which only what is used takes
/// memory. So a connection that has nothing buffered holds no buffer.
///
/// Lifetime: what is in it is valid until the loop's next read; whoever wants to keep bytes copies them.
namespace detail {
inline constinit thread_local char* read_buffer = nullptr;
std::span<char> make_read_buffer();
}  // namespace detail

inline constexpr std::size_t kReadBufferSize = 256 * 1024;

inline std::span<char> shared_read_buffer() {
    if (!detail::read_buffer) [[unlikely]]
        return detail::make_read_buffer();
    return {detail::read_buffer, kReadBufferSize};
}

}  // namespace aio
