// SPDX-License-Identifier: MIT
#pragma once

/// All of asyncio.

#include <aio/compose.hpp>
#include <aio/concurrent.hpp>
#include <aio/endpoints.hpp>
#include <aio/inspect.hpp>
#include <aio/loop.hpp>
#include <aio/net.hpp>
#include <aio/streams.hpp>
#include <aio/sync.hpp>
#include <aio/task.hpp>
#include <aio/transport.hpp>
