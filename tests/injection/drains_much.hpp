// SPDX-License-Identifier: MIT
#pragma once

#include <support/inject.hpp>

#include <aio/compose.hpp>
#include <aio/streams.hpp>
#include <aio/testing.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <cstddef>
#include <string>

namespace aio::tests {

/// Whatever was written arrives once, in order, also if drain() was cancelled: over the connection of the
/// scenario `Over`, from its writer() to its reader(), in blocks of that size.
template <class Over, std::size_t kBlock>
struct DrainsMuch : Over {
    static constexpr int kBlocks = 4;
    std::string written;
    std::string received;

    Coro<> subject() override {
        StreamWriter writer = this->writer();
        writer.transport().set_write_buffer_limits(100);
        for (int i = 0; i < kBlocks; ++i) {
            const std::string text(kBlock, static_cast<char>('a' + i));
            writer.write(text);
            written += text;
            co_await writer.drain();
        }
    }
    Coro<> others() override {
        StreamReader reader = this->reader();
        co_await sleep(std::chrono::seconds(10));
        auto got = co_await as_result(wait_for(read_all_of(reader), std::chrono::minutes(1)));
    }
    Coro<> read_all_of(StreamReader reader) {
        while (received.size() < kBlocks * kBlock) {
            const std::string some = co_await reader.read(1000);
            if (some.empty()) co_return;
            received += some;
        }
    }
    void check(const Outcome& outcome) override {
        Over::check(outcome);
        EXPECT_EQ(received, written);
    }
};

}  // namespace aio::tests
