// SPDX-License-Identifier: MIT
#include <aio/loop/loop_options.hpp>

#include <cstdlib>
#include <cstring>

namespace aio::detail {

bool debug_from_environment() noexcept {
    const char* value = std::getenv("AIO_DEBUG");
    return value && *value && std::strcmp(value, "0") != 0;
}

std::uint64_t shuffle_from_environment() noexcept {
    const char* value = std::getenv("AIO_SHUFFLE");
    return value ? std::strtoull(value, nullptr, 10) : 0;
}

}  // namespace aio::detail
