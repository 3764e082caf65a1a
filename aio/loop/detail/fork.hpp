// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/variable.hpp>

namespace aio::detail {
inline namespace AIO_LAYOUT {

/// How many forks lead to this process. What was made at another number is the parent's: a loop's epoll set
/// and eventfd are shared with it.
AIO_VARIABLE constinit unsigned fork_generation;

}  // namespace AIO_LAYOUT
}  // namespace aio::detail
