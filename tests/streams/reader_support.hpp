// SPDX-License-Identifier: MIT
#pragma once

#include <net/net_support.hpp>
#include <support/trace.hpp>

#include <aio/streams.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <cstring>
#include <span>
#include <string>
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

/// As a transport does: receives `text` into the arena of the running loop.
inline void receive(const StreamReader& r, const std::string& text) {
    detail::ReadArena& arena = detail::ReadArena::of(get_running_loop());
    const std::span<char> room = r.state().get_buffer(arena);
    std::memcpy(room.data(), text.data(), text.size());
    r.state().buffer_updated(arena, text.size());
}

}  // namespace aio::tests
