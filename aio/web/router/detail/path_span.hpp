// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <cstdint>

namespace aio::web::detail {

/// Where the value of a variable is in a path.
struct PathSpan {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

}  // namespace aio::web::detail
