// SPDX-License-Identifier: MIT
#include <aio/task/result.hpp>

#include <any>
#include <exception>
#include <memory>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

namespace aio {
namespace {

static_assert(std::is_same_v<Result<void>::value_type, None>);
static_assert(std::is_same_v<Result<const int&>::value_type, const int&>);
static_assert(std::is_copy_constructible_v<Result<int>>);
static_assert(!std::is_copy_constructible_v<Result<std::unique_ptr<int>>>);
static_assert(std::is_nothrow_move_constructible_v<Result<std::string>>);

TEST(Result, HoldsAValue) {
    const Result<std::string> result(std::string("x"));
    EXPECT_TRUE(result);
    EXPECT_TRUE(result.has_value());
    EXPECT_EQ(result.value(), "x");
    EXPECT_EQ(result.exception(), nullptr);
    EXPECT_TRUE(Result<void>(None()).has_value());
}

TEST(Result, HoldsAnError) {
    const Result<std::string> result(std::make_exception_ptr(ValueError("x")));
    EXPECT_FALSE(result);
    EXPECT_THROW(result.value(), ValueError);
    EXPECT_THROW(Result<std::string>(result).value(), ValueError);
    EXPECT_NE(result.exception(), nullptr);
    const Result<int> cancelled(std::make_exception_ptr(CancelledError("why")));
    EXPECT_THROW(cancelled.value(), CancelledError);
}

TEST(Result, NeedsAValueOrAnError) { EXPECT_THROW(Result<int>(std::exception_ptr{}), TypeError); }

TEST(Result, HoldsAReference) {
    int target = 5;
    const Result<int&> result(target);
    EXPECT_EQ(&result.value(), &target);
    EXPECT_EQ(&Result<int&>(result).value(), &target);
    EXPECT_THROW(Result<int&>(std::make_exception_ptr(ValueError("x"))).value(), ValueError);
}

// An error as a value, and what takes any value.
TEST(Result, HoldsWhatLooksLikeAnError) {
    const std::exception_ptr error = std::make_exception_ptr(ValueError("x"));
    const Result<std::exception_ptr> result(error);
    EXPECT_EQ(result.value(), error);
    EXPECT_EQ(result.exception(), nullptr);
    EXPECT_FALSE(Result<std::exception_ptr>(detail::Failed(), error).has_value());
    const Result<std::any> any(std::any(7));
    const Result<std::any> copy = any;
    EXPECT_EQ(std::any_cast<int>(copy.value()), 7);
    EXPECT_EQ(Result<std::any>(error).exception(), error);
}

TEST(Result, GivesItsValueAway) {
    Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
    const std::unique_ptr<int> taken = std::move(result).value();
    EXPECT_EQ(*taken, 5);
}

}  // namespace
}  // namespace aio
