// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/task.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace aio {

/// A coroutine, a future, a task or anything else that gives a T when it is awaited: for lists that mix them,
/// which gather(), wait() and as_completed() take as Python's do.
///
///     std::vector<AnyAwaitable<int>> work;
///     work.push_back(fetch(1));          // a coroutine
///     work.push_back(task);
///     auto results = co_await gather(std::move(work));
///
/// Nothing begins before it is awaited or handed on. A coroutine is a task then, a future or task is itself.
/// To be awaited once; it cannot be copied.
template <class T = void>
class AnyAwaitable {
public:
    using value_type = T;
    using CoroResult = T;  // for the library

    template <Awaitable A>
        requires(!std::same_as<std::remove_cvref_t<A>, AnyAwaitable> &&
                 std::same_as<detail::coro_result_t<A>, T>)
    AnyAwaitable(A&& awaitable)  // NOLINT(google-explicit-constructor)
        : coro_(typename Coro<T>::Frame()) {
        if constexpr (std::derived_from<std::remove_cvref_t<A>, Future<T>>) {
            future_ = std::forward<A>(awaitable);
        } else {
            coro_ = detail::to_coro(std::forward<A>(awaitable));
        }
    }

    detail::CoroAwaiter<T> operator co_await() {
        if (future_) return detail::await_in_coroutine(std::move(future_)).operator co_await();
        return coro_.operator co_await();
    }

    /// What ensure_future() makes of it. Throws RuntimeError if it was awaited or handed on before.
    Future<T> to_future() {
        if (future_) return std::move(future_);
        return create_task(std::move(coro_));
    }
    Future<T> to_future(EventLoop& loop) {
        if (!future_) return loop.create_task(std::move(coro_));
        detail::check_belongs(*future_.state(), loop);
        return std::move(future_);
    }

    friend bool is_future_already(const AnyAwaitable& awaitable) noexcept {
        return static_cast<bool>(awaitable.future_);
    }

private:
    Future<T> future_;  // empty if it is a coroutine
    Coro<T> coro_;
};

}  // namespace aio
