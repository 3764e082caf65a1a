// SPDX-License-Identifier: MIT
#pragma once

/// Child processes. Mirrors asyncio.subprocess; not part of aio/aio.hpp.
///
/// Which one do I want?
/// - create_subprocess_exec(), create_subprocess_shell(): a Process with streams and communicate().
/// - Callbacks instead: subprocess_exec(), subprocess_shell() with a SubprocessProtocol.
#include <aio/subprocess/create_subprocess.hpp>
#include <aio/subprocess/options.hpp>
#include <aio/subprocess/process.hpp>
#include <aio/subprocess/subprocess_transport.hpp>
