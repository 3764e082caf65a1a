// SPDX-License-Identifier: MIT
#include <aio/base/at_fork_impl.hpp>
#include <aio/base/error.hpp>
#include <aio/base/exception_group.hpp>
#include <aio/base/log.hpp>

#include <cstdio>
#include <mutex>
#include <new>

namespace aio {
namespace {

// Recursive, because a handler may itself cause a diagnostic. fork() waits for whoever has it; the child then
// makes it anew, because a recursive mutex knows its owner by a number that is another in the child.
constinit detail::Immortal<std::recursive_mutex> the_mutex;
std::recursive_mutex& log_mutex() noexcept { return the_mutex.value; }
[[gnu::init_priority(60003)]] const detail::AtFork at_fork([] { log_mutex().lock(); },
                                                           [] { log_mutex().unlock(); },
                                                           [] { new (&log_mutex()) std::recursive_mutex; });

LogHandler& current_handler() {
    static auto* handler = new LogHandler;
    return *handler;
}

void write_to_stderr(LogLevel level, std::string_view message) {
    if (level < LogLevel::warning) return;
    const char* name = level == LogLevel::warning ? "WARNING" : "ERROR";
    std::fprintf(stderr, "%s aio: %.*s\n", name, static_cast<int>(message.size()), message.data());
}

}  // namespace

LogHandler set_log_handler(LogHandler handler) {
    const std::lock_guard lock(log_mutex());
    std::swap(current_handler(), handler);
    return handler;
}

void log(LogLevel level, std::string_view message) noexcept {
    try {
        const std::lock_guard lock(log_mutex());
        if (const LogHandler handler = current_handler()) {  // a copy: it may replace itself
            handler(level, message);
        } else {
            write_to_stderr(level, message);
        }
    } catch (...) {  // a diagnostic must not become a second failure
    }
}

std::string describe(const std::exception_ptr& error) {
    if (!error) return "no exception";
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return type_name(error) + ": " + e.what();
    } catch (const BaseExceptionGroup& e) {
        return type_name(error) + ": " + e.what();
    } catch (const ExitException& e) {
        return *e.what() ? type_name(error) + ": " + e.what() : type_name(error);
    } catch (const CancelledError& e) {
        return e.has_message() ? "aio::CancelledError: " + std::string(e.message()) : "aio::CancelledError";
    } catch (...) {
        return type_name(error);
    }
}

}  // namespace aio
