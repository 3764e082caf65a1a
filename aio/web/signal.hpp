// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/shared_function.hpp>
#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>
#include <aio/task/coro.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::web {

/// Functions that are called one after the other when something happens: coroutines, which are awaited, or
/// others. Mirrors aiosignal.Signal. Threads: the loop's.
template <class... Args>
class Signal {
public:
    /// One more, behind the others; with arguments of its own before those of the signal. Throws RuntimeError
    /// once the application has started.
    template <class F, class... Own>
        requires std::is_invocable_v<std::decay_t<F>&, std::decay_t<Own>&..., Args...>
    void append(F&& fn, Own&&... own) {
        if (frozen_)
            throw RuntimeError("the list of a signal cannot change once its application has started");
        handlers_.push_back(
            [fn = std::decay_t<F>(std::forward<F>(fn)),
             ... own = std::decay_t<Own>(std::forward<Own>(own))](Args... args) mutable -> Coro<> {
                using R = std::invoke_result_t<std::decay_t<F>&, std::decay_t<Own>&..., Args...>;
                if constexpr (std::is_void_v<R>) {
                    std::invoke(fn, own..., std::forward<Args>(args)...);
                    return nothing();
                } else {
                    return std::invoke(fn, own..., std::forward<Args>(args)...);
                }
            });
    }
    std::size_t size() const noexcept { return handlers_.size(); }
    bool empty() const noexcept { return handlers_.empty(); }

    /// Calls them in order, each after the one before has ended. The first error ends it, and is thrown.
    Coro<> send(Args... args) const {
        for (std::size_t i = 0; i < handlers_.size(); ++i) co_await handlers_[i](args...);
    }
    void freeze() noexcept { frozen_ = true; }

private:
    static Coro<> nothing() { co_return; }

    std::vector<aio::detail::SharedFunction<Coro<>(Args...)>> handlers_;
    bool frozen_ = false;
};

}  // namespace aio::web
