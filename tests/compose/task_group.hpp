// SPDX-License-Identifier: MIT
#pragma once

#include <support/trace.hpp>

#include <aio/base/log.hpp>
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <exception>
#include <string>
#include <utility>
#include <vector>

/// What the tests of TaskGroup share.
namespace aio::tests {

struct TaskGroupTest : ::testing::Test, testing::LoopTest {
    Trace log;
};

inline Coro<> fail(std::string text, Duration after = Duration(0)) {
    co_await sleep(after);
    throw ValueError(text);
}
inline Coro<int> give(int value, Duration after = Duration(0)) {
    co_await sleep(after);
    co_return value;
}

/// What the awaitable throws, as describe() tells it; of a group the errors in it.
template <class A>
Coro<std::string> error_of(A awaitable) {
    std::string text = "no error";
    try {
        co_await std::move(awaitable);
    } catch (const BaseExceptionGroup& group) {
        std::vector<std::string> texts;
        for (const std::exception_ptr& error : group.exceptions()) texts.push_back(describe(error));
        text = py(texts);
    } catch (...) {
        text = describe(std::current_exception());
    }
    co_return text;
}

}  // namespace aio::tests
