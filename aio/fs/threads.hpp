// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

namespace aio::fs {

/// How many threads make the calls on files where nothing else is said.
inline constexpr int kDefaultMaxWorkers = 8;

/// How many threads make the calls on files at most, of all loops of the process together. They are made when
/// they are needed, and are none of the default executor's, which users' calls may keep busy.
///
/// A call that the system does not end, such as opening a FIFO that nobody writes to, keeps its thread; and
/// the process waits for the threads' calls when it exits, so that what was begun is written.
/// Throws ValueError if `count` is not positive, RuntimeError if there was a call on a file already.
/// Threads: any.
void set_max_workers(int count);

}  // namespace aio::fs
