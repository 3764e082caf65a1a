// SPDX-License-Identifier: MIT
#include <aio/base/detail/traceback_table.hpp>
#include <aio/base/log.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/task/coro.hpp>

namespace aio::detail {

std::exception_ptr no_value_error(const SourceLocation& location) {
    return std::make_exception_ptr(RuntimeError("coroutine '" + function_name(location) +
                                                "' ended without co_return of a value (created by " +
                                                aio::describe(location) + ")"));
}

// What a request to cancel makes is many and meant: it is written down in debug mode only.
std::exception_ptr CoroutineBase::caught() const noexcept {
    std::exception_ptr error = std::current_exception();
    if (is_cancelled_error(error) && !(here.loop && here.loop->get_debug())) return error;
    note_left_by(location_, await_line(), renamed_, error);
    return error;
}

void raise_reused(const void* word) {
    if (word == no_frame()) raise_reused();
    const char* const function = static_cast<const char*>(word) - 1;
    throw RuntimeError("cannot reuse already awaited coroutine " +
                       aio::describe(std::bit_cast<SourceLocation>(function)));
}

std::exception_ptr CoroPromiseBase::failure_at(SourceLocation at) const {
    std::exception_ptr error = failure();
    note_thrown_at(at, error);
    return error;
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
