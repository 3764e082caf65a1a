// SPDX-License-Identifier: MIT
// Linked into every example, so that run_example.py can run it in virtual time ("# virtual time").
#include <aio/testing/virtual_clock.hpp>

#include <cstdlib>

namespace {

[[maybe_unused]] const bool virtual_time = [] {
    const bool asked_for = std::getenv("AIO_EXAMPLE_VIRTUAL_TIME");
    if (asked_for) aio::testing::use_virtual_clocks();
    return asked_for;
}();

}  // namespace
