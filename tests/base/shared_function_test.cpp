// SPDX-License-Identifier: MIT
#include <aio/base/detail/shared_function.hpp>
#include <aio/base/error.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <type_traits>

namespace aio {
namespace {

using Function = detail::SharedFunction<int()>;

static_assert(std::is_copy_constructible_v<Function>);
static_assert(std::is_nothrow_move_constructible_v<Function>);
static_assert(!std::is_constructible_v<Function, int>);

TEST(SharedFunction, CopiesCallTheSameObject) {
    const Function count = [n = 0]() mutable { return ++n; };
    const Function same = count;  // NOLINT(performance-unnecessary-copy-initialization)
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(same(), 2);
    EXPECT_EQ(count(), 3);
}

TEST(SharedFunction, OwnsWhatCannotBeCopied) {
    const Function get = [part = std::make_unique<int>(5)] { return *part; };
    const Function same = get;  // NOLINT(performance-unnecessary-copy-initialization)
    EXPECT_EQ(same(), 5);
}

TEST(SharedFunction, EmptyOnesAreFalseAndThrow) {
    EXPECT_FALSE(Function());
    EXPECT_FALSE(Function(nullptr));
    int (*none)() = nullptr;
    EXPECT_FALSE(Function(none));
    const Function empty, null(none);
    EXPECT_THROW(empty(), TypeError);
    EXPECT_THROW(null(), TypeError);
}

TEST(SharedFunction, TheLastCopyDestroysTheTarget) {
    auto life = std::make_shared<int>(1);
    Function one = [life] { return 0; };
    Function two = one;
    one = nullptr;
    EXPECT_EQ(life.use_count(), 2);
    two = nullptr;
    EXPECT_EQ(life.use_count(), 1);
}

}  // namespace
}  // namespace aio
