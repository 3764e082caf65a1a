// SPDX-License-Identifier: MIT
// Memory runs out in the loop's thread: files.
#include <allocation/operation.hpp>
#include <support/temporary_folder.hpp>

#include <aio/fs.hpp>

#include <gtest/gtest.h>
#include <exception>
#include <string>

namespace aio::tests {
namespace {

TEST(AllocationFs, AFile) {
    const TemporaryFolder folder;
    out_of_memory_in([&folder](Scene&) -> Coro<bool> {
        auto file = co_await fs::open(folder.file("a-file-with-a-long-name"), "w+");
        co_await file.write(long_text());
        co_await file.seek(0);
        const std::string text = co_await file.readline();
        co_await file.close();
        co_return text == long_text();
    });
}

TEST(AllocationFs, WhatIsReadIsNotLost) {
    const TemporaryFolder folder;
    out_of_memory_in([&folder](Scene&) -> Coro<bool> {
        co_await fs::write_text(folder.file("a"), long_text() + "\n" + long_text());
        auto file = co_await fs::open(folder.file("a"));
        std::exception_ptr error;
        std::string text;
        try {
            text = co_await file.readline();
        } catch (const std::bad_alloc&) {
            error = std::current_exception();
        }
        if (error) {
            const std::int64_t at = co_await file.tell();
            EXPECT_EQ(at, 0) << detail::running_case;
            std::rethrow_exception(error);
        }
        co_return text == long_text() + "\n";
    });
}

TEST(AllocationFs, CallsWithoutAFile) {
    const TemporaryFolder folder;
    out_of_memory_in([&folder](Scene&) -> Coro<bool> {
        co_await fs::makedirs(folder.file("one/two/three"), 0777, true);
        co_await fs::write_text(folder.file("one/file"), long_text());
        co_await fs::rename(folder.file("one/file"), folder.file("one/other"));
        const auto names = co_await fs::listdir(folder.file("one"));
        co_await fs::rmtree(folder.file("one"));
        co_return names.size() == 2;
    });
}

TEST(AllocationFs, TemporaryOnes) {
    const TemporaryFolder folder;
    out_of_memory_in([&folder](Scene&) -> Coro<bool> {
        auto options = fs::TempOptions().dir(folder.path());
        auto file = co_await fs::NamedTemporaryFile(options);
        auto spooled = co_await fs::SpooledTemporaryFile(10, options);
        co_await spooled.write("0123456789");
        co_await spooled.write(long_text());
        co_return spooled.rolled();
    });
}

}  // namespace
}  // namespace aio::tests
