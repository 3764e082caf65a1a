// SPDX-License-Identifier: MIT
// Memory runs out: children and pipes. Whatever fails, no child is left.
#include <allocation/operation.hpp>
#include <support/children.hpp>

#include <aio/pipe.hpp>
#include <aio/streams.hpp>

#include <gtest/gtest.h>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>

namespace aio::tests {
namespace {

Coro<bool> no_child_left() {
    for (int i = 0; i < 1'000'000 && has_children(); ++i) co_await sleep(0s);
    co_return !has_children();
}

TEST(AllocationSubprocess, Communicate) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        Output output;
        std::exception_ptr error;
        try {
            auto child = co_await create_subprocess_exec(Options().stdin(PIPE).stdout(PIPE), "cat");
            output = co_await child.communicate(long_text());
        } catch (const std::bad_alloc&) {
            error = std::current_exception();
        }
        const bool none_left = co_await no_child_left();
        EXPECT_TRUE(none_left) << detail::running_case;
        if (error) std::rethrow_exception(error);
        co_return output.out == long_text();
    });
}

TEST(AllocationSubprocess, Protocol) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        bool complete = false;
        std::exception_ptr error;
        try {
            auto made =
                co_await subprocess_exec([] { return std::make_shared<SubprocessProtocol>(); }, "cat");
            made.first->close();
            complete = true;
        } catch (const std::bad_alloc&) {
            error = std::current_exception();
        }
        const bool none_left = co_await no_child_left();
        EXPECT_TRUE(none_left) << detail::running_case;
        if (error) std::rethrow_exception(error);
        co_return complete;
    });
}

TEST(AllocationPipe, Streams) {
    out_of_memory_in([](Scene&) -> Coro<bool> {
        Pipe pipe;
        const StreamReader reader;
        const auto protocol = std::make_shared<StreamReaderProtocol>(reader);
        auto input = co_await connect_read_pipe([&protocol] { return protocol; }, pipe.take_reading());
        auto output =
            co_await connect_write_pipe([] { return std::make_shared<Protocol>(); }, pipe.take_writing());
        output.first->write(long_text());
        output.first->close();
        const std::string text = co_await reader.read();
        co_return text == long_text();
    });
}

}  // namespace
}  // namespace aio::tests
