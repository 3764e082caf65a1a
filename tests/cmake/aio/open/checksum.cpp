// SPDX-License-Identifier: MIT
#include <aio/open/checksum.hpp>

#include <cstring>

namespace aio::open {

uInt length(const char* text) { return static_cast<uInt>(std::strlen(text)); }

}  // namespace aio::open
