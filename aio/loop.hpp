// SPDX-License-Identifier: MIT
#pragma once

/// The event loop: callbacks, timers, descriptors, signals, context variables.
///
/// Most programs never touch it: aio::run() makes a loop, and awaiting things uses it. Come here for
/// callbacks (`call_soon`, `call_later`), for descriptors that have no transport (`add_reader`), for
/// signals (`add_signal_handler`) and for errors that nobody awaits (`set_exception_handler`).

#include <aio/base/log.hpp>
#include <aio/loop/contextvars.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/loop/exception_context.hpp>
#include <aio/loop/handle.hpp>
