// SPDX-License-Identifier: MIT
#include <aio/transport/detail/read_buffer.hpp>

#include <memory>

namespace aio::detail {

#ifdef AIO_SHARED
inline namespace AIO_LAYOUT {
constinit thread_local char* read_buffer = nullptr;
}
#endif

std::span<char> make_read_buffer() {
    // The owner is apart from the pointer, so that the hot path needs no guard for its destructor.
    struct Owner {
        std::unique_ptr<char[]> memory = std::make_unique_for_overwrite<char[]>(kReadBufferSize);
        Owner() = default;
        Owner(const Owner&) = delete;
        Owner& operator=(const Owner&) = delete;
        ~Owner() { read_buffer = nullptr; }
    };
    thread_local Owner owner;
    read_buffer = owner.memory.get();
    return {read_buffer, kReadBufferSize};
}

}  // namespace aio::detail
