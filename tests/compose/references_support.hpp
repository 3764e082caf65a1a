// SPDX-License-Identifier: MIT
#pragma once

#include <aio/testing.hpp>

#include <gtest/gtest.h>

namespace aio::tests {

/// Nobody can copy it by mistake.
struct Object {
    Object() = default;
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
};

/// An object to which references are handed on, and found to be to it at the end.
struct ReferencesTest : ::testing::Test, testing::LoopTest {
    Object object;

    void expect_it(const Object& given) const { EXPECT_EQ(&given, &object); }
};

}  // namespace aio::tests
