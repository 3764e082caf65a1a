// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdlib>

namespace aio::tests {

/// A test's quantity: all of it, or one AIO_TEST_PART-th where the job that runs the test is about something
/// else.
inline std::size_t part_of(std::size_t whole) {
    const char* const part = std::getenv("AIO_TEST_PART");
    return part ? whole / static_cast<std::size_t>(std::atoi(part)) : whole;
}

}  // namespace aio::tests
