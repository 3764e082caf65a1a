// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/shared_function.hpp>

#include <exception>
#include <string>
#include <string_view>

namespace aio {

/// How bad a diagnostic is; the numbers are Python's logging levels.
enum class LogLevel { debug = 10, info = 20, warning = 30, error = 40 };

/// Receives every diagnostic of the library; mirrors the logger named "asyncio".
using LogHandler = detail::SharedFunction<void(LogLevel level, std::string_view message)>;

/// Replaces where diagnostics go; an empty handler restores the default, which writes warnings and
/// errors to stderr. Returns the handler that was in place.
///
/// Threads: any. The handler may be called from any thread, one call at a time.
LogHandler set_log_handler(LogHandler handler);

/// Reports one diagnostic. Never throws: a handler that does is ignored.
///
/// Threads: any.
void log(LogLevel level, std::string_view message) noexcept;

namespace detail {
/// log(level, make()), or that there was no memory for the text.
template <class F>
void log_text(LogLevel level, F&& make) noexcept {
    try {
        log(level, make());
    } catch (...) {
        log(level, "out of memory for the text of a report");
    }
}
}  // namespace detail

/// Text of the exception: its what(), or its type's name where it has none.
std::string describe(const std::exception_ptr& error);

}  // namespace aio
