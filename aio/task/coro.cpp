// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/task/coro.hpp>

namespace aio::detail {

std::exception_ptr no_value_error(const SourceLocation& location) {
    return std::make_exception_ptr(RuntimeError("coroutine '" + function_name(location) +
                                                "' ended without co_return of a value (created by " +
                                                aio::describe(location) + ")"));
}

namespace {

bool reports_wanted() noexcept { return running_loop ? running_loop->get_debug() : debug_from_environment(); }

}  // namespace

void report_never_awaited(const SourceLocation& location) noexcept {
    if (!reports_wanted()) return;
    try {
        log(LogLevel::warning, "coroutine '" + function_name(location) + "' was never awaited (created by " +
                                   aio::describe(location) + ")");
    } catch (...) {  // out of memory while reporting
    }
}

void report_never_awaited(const char* name) noexcept {
    if (!reports_wanted()) return;
    try {
        log(LogLevel::warning, "coroutine '" + std::string(name) + "' was never awaited");
    } catch (...) {  // out of memory while reporting
    }
}

}  // namespace aio::detail
