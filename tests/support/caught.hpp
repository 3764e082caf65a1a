// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/task.hpp>

#include <exception>
#include <string>
#include <utility>

namespace aio::tests {

/// Awaits, and gives what came of it: "no error", the text of an error, or the name of one without.
template <class A>
Coro<std::string> caught(A awaitable) {
    try {
        co_await std::move(awaitable);
    } catch (const TimeoutError&) {
        co_return "TimeoutError";
    } catch (const CancelledError&) {
        co_return "CancelledError";
    } catch (const std::exception& e) {
        co_return e.what();
    }
    co_return "no error";
}

}  // namespace aio::tests
