// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/time.hpp>

namespace aio::detail {

void raise_nan_delay() { throw ValueError("Invalid delay: NaN (not a number)"); }

}  // namespace aio::detail
