// SPDX-License-Identifier: MIT
#pragma once

#include <aio/concurrent/executor.hpp>

namespace aio::fs::detail {

/// Has a thread make a call on files. What it throws says that there is none: no memory, or the process ends.
void execute_in_thread(concurrent::Job& job);

}  // namespace aio::fs::detail
