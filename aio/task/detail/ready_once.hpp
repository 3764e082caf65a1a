// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <coroutine>
#include <utility>

namespace aio::detail {

/// Throws RuntimeError: the awaitable was awaited before, or moved from.
[[noreturn, gnu::cold]] void raise_reused();

/// The base of awaiters that never wait. To be awaited once, and not after a move.
class ReadyOnce {
public:
    bool await_ready() {
        if (std::exchange(used_, true)) [[unlikely]]
            raise_reused();
        return true;
    }
    void await_suspend(std::coroutine_handle<>) const noexcept {}

protected:
    ReadyOnce() noexcept = default;
    ReadyOnce(ReadyOnce&& other) noexcept : used_(std::exchange(other.used_, true)) {}
    ReadyOnce& operator=(ReadyOnce&&) = delete;
    ~ReadyOnce() = default;

private:
    bool used_ = false;
};

}  // namespace aio::detail
