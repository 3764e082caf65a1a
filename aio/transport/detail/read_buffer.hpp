// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>
#include <aio/base/detail/variable.hpp>

#include <cstddef>
#include <span>

namespace aio::detail {

/// The buffer that all connections of a thread receive into: 256 KiB, of which only what is used takes
/// memory. So a connection that has nothing buffered holds no buffer.
///
/// Lifetime: what is in it is valid until the loop's next read; whoever wants to keep bytes copies them.
inline namespace AIO_LAYOUT {
AIO_VARIABLE constinit thread_local char* read_buffer;
}
std::span<char> make_read_buffer();

inline constexpr std::size_t kReadBufferSize = 256 * 1024;

inline std::span<char> shared_read_buffer() {
    if (!read_buffer) [[unlikely]]
        return make_read_buffer();
    return {read_buffer, kReadBufferSize};
}

}  // namespace aio::detail
