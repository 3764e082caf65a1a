// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/compose/async_with.hpp>

#include <concepts>
#include <exception>
#include <tuple>
#include <type_traits>
#include <utility>

namespace aio::detail {

/// One thing to do when a stack is unwound.
class StackExit {
public:
    StackExit() noexcept = default;
    StackExit(const StackExit&) = delete;
    StackExit& operator=(const StackExit&) = delete;
    virtual ~StackExit() = default;
    /// Gives whether `error` is swallowed.
    virtual Coro<bool> run(std::exception_ptr error) = 0;

    StackExit* below = nullptr;
};

/// Owns exits, from the last to the first: a chain, so that registering what was entered cannot fail.
class StackExits {
public:
    StackExits() noexcept = default;
    explicit StackExits(StackExit* only) noexcept : top_(only) {}
    StackExits(StackExits&& other) noexcept : top_(std::exchange(other.top_, nullptr)) {}
    StackExits& operator=(StackExits&& other) noexcept {
        std::swap(top_, other.top_);
        return *this;
    }
    ~StackExits();

    /// The last one; null if there is none.
    StackExit* top() const noexcept { return top_; }
    /// Adds a single one.
    void push(StackExits single) noexcept;
    /// Takes the last one.
    StackExits pop() noexcept;

private:
    StackExit* top_ = nullptr;
};

/// A manager that was entered. `M` is a reference if the caller keeps it.
template <class M>
class ManagerExit final : public StackExit {
public:
    explicit ManagerExit(M&& given) : manager(std::forward<M>(given)) {}
    Coro<bool> run(std::exception_ptr error) override {
        const bool swallowed = co_await leave(manager, error);
        co_return swallowed;
    }
    M manager;
};

/// An object whose destructor is the exit: it runs when the stack drops this.
template <class T>
class ObjectExit final : public StackExit {
public:
    explicit ObjectExit(T&& given) : object(std::move(given)) {}
    Coro<bool> run(std::exception_ptr) override { co_return false; }
    T object;
};

/// A function of the error, plain or awaited.
template <class F>
class FunctionExit final : public StackExit {
public:
    explicit FunctionExit(F&& fn) : fn_(std::move(fn)) {}
    Coro<bool> run(std::exception_ptr error) override {
        using Given = std::invoke_result_t<F&, std::exception_ptr>;
        if constexpr (Awaitable<Given>) {
            if constexpr (std::convertible_to<await_result_t<Given>, bool>) {
                const bool swallowed = co_await fn_(error);
                co_return swallowed;
            } else {
                co_await fn_(error);
                co_return false;
            }
        } else if constexpr (std::convertible_to<Given, bool>) {
            co_return fn_(error);
        } else {
            fn_(error);
            co_return false;
        }
    }

private:
    F fn_;
};

/// A function with its arguments, plain or awaited; its result is no verdict about the error.
template <class F, class Arguments>
class CallExit;
template <class F, class... Args>
class CallExit<F, std::tuple<Args...>> final : public StackExit {
public:
    template <class... Given>
    explicit CallExit(F&& fn, Given&&... args) : fn_(std::move(fn)), args_(std::forward<Given>(args)...) {}
    Coro<bool> run(std::exception_ptr) override {
        if constexpr (Awaitable<std::invoke_result_t<F&, Args...>>) {
            co_await std::apply(
                [this](Args&... args) {
                    using R = coro_result_t<std::invoke_result_t<F&, Args...>>;
                    return call_in_coroutine<R, F&, Args&&...>(fn_, std::move(args)...);
                },
                args_);
        } else {
            std::apply([this](Args&... args) { detail::invoke(fn_, std::move(args)...); }, args_);
        }
        co_return false;
    }

private:
    F fn_;
    std::tuple<Args...> args_;
};

template <class M>
using stack_entered_t = std::conditional_t<std::same_as<entered_t<M>, NoneType>, void, entered_t<M>>;

template <class M>
Coro<stack_entered_t<M>> enter_on_stack(StackExits& exits, StackExits exit, M& manager) {
    entered_t<M> value = co_await enter(manager);
    exits.push(std::move(exit));
    if constexpr (!std::is_void_v<stack_entered_t<M>>) co_return std::forward<entered_t<M>>(value);
}

template <class F>
concept TellableExit = std::is_invocable_v<std::decay_t<F>&, std::exception_ptr>;

}  // namespace aio::detail
