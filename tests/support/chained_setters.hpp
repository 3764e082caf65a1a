// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace aio::tests {

/// That a setter gives of a variable the variable, and of a temporary the temporary, which is moved on and
/// never copied. `make()` gives one of what has the setter.
template <class O, class Make, class Set>
void expect_chained(Make make, Set set) {
    static_assert(std::same_as<std::invoke_result_t<Set&, O&>, O&>);
    static_assert(std::same_as<std::invoke_result_t<Set&, O>, O&&>);
    static_assert(!std::is_invocable_v<Set&, const O&>);
    O options = make();
    EXPECT_EQ(&set(options), &options);
    O&& same = set(std::move(options));
    EXPECT_EQ(&same, &options);
    [[maybe_unused]] const O kept = set(make());
}
template <class O, class Set>
void expect_chained(Set set) {
    expect_chained<O>([] { return O(); }, std::move(set));
}

}  // namespace aio::tests

// A setter as it is called on what `o` is.
#define SETTER(call) \
    []<class O>(O&& o) -> decltype(std::forward<O>(o).call) { return std::forward<O>(o).call; }
