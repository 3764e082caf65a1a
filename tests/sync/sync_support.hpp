// SPDX-License-Identifier: MIT
#pragma once

#include <aio/sync.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/ended.hpp>
#include <support/trace.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace aio::tests {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

/// Fixture of the tests of aio/sync.
struct SyncTest : ::testing::Test, aio::testing::LoopTest {
    Strings trace;

    /// A few iterations: whatever can happen without a timer has happened.
    static Coro<> settle() {
        for (int i = 0; i < 10; ++i) co_await sleep(0s);
    }
    /// Awaits what acquire() gives, and tells when it has it.
    template <class Primitive>
    Coro<> acquire(Primitive& primitive, std::string name) {
        co_await primitive.acquire();
        trace.push_back(name);
    }
    /// A list to go through in a coroutine, where g++ 12 crashes at a braced one.
    template <class... Names>
    static Strings names(Names... all) {
        return Strings{all...};
    }
    /// The message of the exception that `coroutine` ends with.
    template <class T>
    static Coro<std::string> thrown_by(Coro<T> coroutine) {
        try {
            co_await std::move(coroutine);
        } catch (const std::exception& error) {
            co_return error.what();
        }
        co_return "no exception";
    }
    /// "<aio::Lock object at 0x... [locked]>" -> "locked"
    static std::string state(const std::string& repr) {
        const std::size_t begin = repr.find('[');
        return repr.substr(begin + 1, repr.rfind(']') - begin - 1);
    }
};

}  // namespace aio::tests
