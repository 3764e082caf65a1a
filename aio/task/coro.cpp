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

constinit thread_local bool reports_off = false;

bool reports_wanted() noexcept {
    if (reports_off) return false;
    return here.loop ? here.loop->get_debug() : debug_from_environment();
}

}  // namespace

NeverAwaitedReportsOff::NeverAwaitedReportsOff() noexcept : outer_(std::exchange(reports_off, true)) {}
NeverAwaitedReportsOff::~NeverAwaitedReportsOff() { reports_off = outer_; }

void report_never_awaited(const SourceLocation& location) noexcept {
    if (!reports_wanted()) return;
    log_text(LogLevel::warning, [&] {
        return "coroutine '" + function_name(location) + "' was never awaited (created by " +
               aio::describe(location) + ")";
    });
}

void report_never_awaited(const char* name) noexcept {
    if (!reports_wanted()) return;
    log_text(LogLevel::warning, [&] { return "coroutine '" + std::string(name) + "' was never awaited"; });
}

}  // namespace aio::detail
