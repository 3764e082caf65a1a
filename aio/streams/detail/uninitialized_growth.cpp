// SPDX-License-Identifier: MIT
// Compiled as C++23, see CMakeLists.txt.
#include <aio/streams/detail/stream_buffer.hpp>

namespace aio::detail {

void grow_uninitialized(std::string& text, std::size_t size) {
    text.resize_and_overwrite(size, [](char*, std::size_t count) { return count; });
}

}  // namespace aio::detail
