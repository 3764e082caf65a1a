// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/variable.hpp>

namespace aio::detail {

/// How many forks lead to this process. What was made at another number is the parent's: a loop's epoll set
/// and eventfd are shared with it.
AIO_VARIABLE constinit unsigned fork_generation;

/// From now on a forked child has no running loop, no current one, and the signal handlers from before there
/// were loops. The loop in whose callback the process forks stops in the child when that returns.
void prepare_for_forks();

}  // namespace aio::detail
