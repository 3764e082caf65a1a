// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

namespace aio {

/// Makes the process keep up to 8 MiB of freed memory at the end of its heap instead of 128 KiB, which glibc
/// gives back to the system, and takes again, as often as that much is allocated and freed: with many
/// connections at work that may be in every iteration. Worth it for servers; costs those 8 MiB.
///
/// For the whole process, so the library never calls it: call it at the beginning of main(). Does nothing
/// where malloc() is not glibc's, or where the environment or mallopt() has set the thresholds. Threads: any.
void keep_freed_memory();

}  // namespace aio
