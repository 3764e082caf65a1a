// SPDX-License-Identifier: MIT
#pragma once

#include <net/net_support.hpp>
#include <support/trace.hpp>

#include <aio/streams.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <utility>

namespace aio::tests {

class StreamReaderTest : public ::testing::Test, public aio::testing::LoopTest {};

/// Starts the task of a read and lets it wait.
template <class A>
Coro<Task<await_result_t<A>>> start(A awaitable) {
    auto task = create_task(std::move(awaitable));
    co_await sleep(std::chrono::seconds(0));
    EXPECT_FALSE(task.done());
    co_return task;
}

}  // namespace aio::tests
