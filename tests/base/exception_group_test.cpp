// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/exception_group.hpp>

#include <gtest/gtest.h>
#include <exception>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

static_assert(std::is_base_of_v<std::exception, ExceptionGroup>);
static_assert(std::is_nothrow_copy_constructible_v<ExceptionGroup>);

TEST(ExceptionGroup, CountsItsErrors) {
    const auto one = std::make_exception_ptr(ValueError("a"));
    const auto two = std::make_exception_ptr(TypeError("b"));
    const ExceptionGroup pair("unhandled errors in a TaskGroup", {one, two});
    EXPECT_STREQ(pair.what(), "unhandled errors in a TaskGroup (2 sub-exceptions)");
    EXPECT_EQ(pair.message(), "unhandled errors in a TaskGroup");
    EXPECT_EQ(pair.exceptions(), (std::vector{one, two}));
    EXPECT_STREQ(ExceptionGroup("x", {one}).what(), "x (1 sub-exception)");
}

}  // namespace
}  // namespace aio
