// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>

#include <coroutine>

namespace aio::tests {

/// An awaiter that throws before its wait has begun, at the first or at the second opportunity.
struct FailsToBegin {
    bool at_once;
    bool await_ready() const {
        if (at_once) throw ValueError("await_ready");
        return false;
    }
    void await_suspend(std::coroutine_handle<>) const { throw ValueError("await_suspend"); }
    void await_resume() const noexcept {}
};

}  // namespace aio::tests
