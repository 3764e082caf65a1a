// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace aio::fs::detail {

/// What the mode of an open() says.
struct Mode {
    int flags = 0;  ///< for open(2)
    bool reads = false;
    bool writes = false;
    bool appends = false;
};

/// Throws ValueError, with Python's texts.
Mode parse_mode(std::string_view mode);

}  // namespace aio::fs::detail
