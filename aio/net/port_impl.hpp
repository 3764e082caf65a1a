// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>

#include <cstdint>
#include <string>

namespace aio::detail {

inline std::uint16_t checked_port(int port) {
    if (port < 0 || port > 65535) throw ValueError("port must be 0-65535, not " + std::to_string(port));
    return static_cast<std::uint16_t>(port);
}

}  // namespace aio::detail
