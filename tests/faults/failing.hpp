// SPDX-License-Identifier: MIT
#pragma once

#include <faults/held.hpp>
#include <streams/streams_support.hpp>
#include <support/caught.hpp>
#include <support/failing_calls.hpp>

#include <aio/endpoints.hpp>
#include <aio/streams.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <atomic>
#include <functional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace aio::tests {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

/// Some calls, of which the first ones that come while it is armed fail; only those that `which` says, if it
/// is given.
class Failing {
public:
    using Which = bool (*)(const seccomp_data& call);
    Failing(std::vector<int> numbers, int error, Which which = nullptr)
        : numbers_(std::move(numbers)), error_(error), which_(which) {}
    void arm(int times) noexcept { left_ = times; }
    /// How many have failed.
    int failed() const noexcept { return failed_; }

    /// A test's coroutine on a loop of a thread whose calls fail. Everything must be as before then.
    template <class Body>
    void run(Body body) {
        const auto answer = [this](const seccomp_data& call) {
            if (left_ == 0 || (which_ && !which_(call)) ||
                (call.nr == SYS_write && is_pipe(static_cast<int>(call.args[0]))))
                return 0;
            --left_;
            ++failed_;
            return error_;
        };
        with_failing_calls(numbers_, answer, [&] {
            aio::testing::LoopTest test;
            test.run([&]() -> Coro<> {
                const Held before = held_by(test.loop());
                co_await body(test);
                co_await turns(5);
                EXPECT_EQ(held_by(test.loop()), before);
            });
            reports = test.reports();
        });
        EXPECT_EQ(left_, 0) << "calls that were to fail were not made";
    }

    Texts reports;  ///< what reached the loop's exception handler

private:
    // UBSan writes to one to find out which memory there is.
    static bool is_pipe(int fd) noexcept {
        struct stat status{};
        return ::fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
    }

    const std::vector<int> numbers_;
    const int error_;
    const Which which_;
    std::atomic<int> left_ = 0;
    std::atomic<int> failed_ = 0;
};

inline std::string text_of(int error) { return std::generic_category().message(error); }

inline Coro<> echo(StreamReader reader, StreamWriter writer) {
    while (auto line = co_await reader.next_line()) {
        writer.write(*line);
        co_await writer.drain();
    }
    writer.close();
}

inline Coro<> talk(int port) {
    auto streams = co_await open_connection("127.0.0.1", port);
    co_await say_hello(std::move(streams));
}

}  // namespace aio::tests
