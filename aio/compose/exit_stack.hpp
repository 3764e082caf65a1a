// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/compose/async_with.hpp>
#include <aio/compose/detail/stack_exits.hpp>

#include <concepts>
#include <exception>
#include <tuple>
#include <type_traits>
#include <utility>

namespace aio {

/// A stack of scopes whose number is known only at run time. Mirrors contextlib.AsyncExitStack.
///
///     co_await async_with(AsyncExitStack(), body);   // Coro<> body(AsyncExitStack& stack)
///
/// At the end of the body every exit runs, the last one registered first, also if an earlier one threw;
/// each is told the error as it stands then, and may swallow it by giving true (S101). An error thrown by
/// an exit takes the place of the one before. Exits of a stack that is destroyed without having been left
/// do not run; objects given to enter_context() are destroyed in any case.
class AsyncExitStack {
public:
    AsyncExitStack() noexcept = default;
    AsyncExitStack(AsyncExitStack&& other) noexcept = default;
    AsyncExitStack& operator=(AsyncExitStack&& other) noexcept {
        std::swap(exits_, other.exits_);
        return *this;
    }
    ~AsyncExitStack() = default;

    /// Enters a manager, which is left with the stack; gives what its aenter() gives. An lvalue must
    /// outlive the stack, an rvalue is moved in. If entering fails nothing is registered.
    template <class M>
        requires AsyncContextManager<std::remove_reference_t<M>>
    auto enter_async_context(M&& manager) {
        auto* exit = new detail::ManagerExit<M>(std::forward<M>(manager));
        return detail::enter_on_stack<std::remove_reference_t<M>>(exits_, detail::StackExits(exit),
                                                                  exit->manager);
    }
    /// Keeps an object whose destructor is its clean-up (a lock, a file), which is what a plain `with` is
    /// in C++; it is destroyed in its place in the order.
    template <class T>
        requires(!std::is_lvalue_reference_v<T>)
    T& enter_context(T&& object) {
        auto* exit = new detail::ObjectExit<T>(std::forward<T>(object));
        push_exit(exit);
        return exit->object;
    }

    /// Registers the aexit() of a manager that was entered already.
    template <class M>
        requires AsyncContextManager<std::remove_reference_t<M>>
    void push_async_exit(M&& manager) {
        push_exit(new detail::ManagerExit<M>(std::forward<M>(manager)));
    }
    /// Registers `fn(std::exception_ptr)`, which gives an awaitable, of bool if it may swallow the error.
    template <detail::TellableExit F>
        requires(!AsyncContextManager<std::remove_reference_t<F>> &&
                 Awaitable<std::invoke_result_t<std::decay_t<F>&, std::exception_ptr>>)
    void push_async_exit(F&& fn) {
        push_function(std::decay_t<F>(std::forward<F>(fn)));
    }
    /// Registers a plain `fn(std::exception_ptr)`.
    template <detail::TellableExit F>
        requires(!Awaitable<std::invoke_result_t<std::decay_t<F>&, std::exception_ptr>>)
    void push(F&& fn) {
        push_function(std::decay_t<F>(std::forward<F>(fn)));
    }
    /// Registers `fn(args...)`, which gives an awaitable and is not told of errors.
    template <class F, class... Args>
        requires Awaitable<std::invoke_result_t<std::decay_t<F>&, std::decay_t<Args>...>>
    void push_async_callback(F&& fn, Args&&... args) {
        push_call(std::forward<F>(fn), std::forward<Args>(args)...);
    }
    /// Registers a plain `fn(args...)`.
    template <class F, class... Args>
        requires(!Awaitable<std::invoke_result_t<std::decay_t<F>&, std::decay_t<Args>...>>)
    void callback(F&& fn, Args&&... args) {
        push_call(std::forward<F>(fn), std::forward<Args>(args)...);
    }

    /// Moves every exit into a new stack and leaves this one empty.
    AsyncExitStack pop_all() noexcept { return std::move(*this); }
    /// Runs every exit now, as if the body had ended without an error. Cancellation: reaches the exit that
    /// is waiting; the rest still runs.
    Coro<> aclose();

    detail::ReadyAwaiter<AsyncExitStack&> aenter() noexcept {
        return detail::ReadyAwaiter<AsyncExitStack&>(*this);
    }
    Coro<bool> aexit(std::exception_ptr error);

private:
    void push_exit(detail::StackExit* exit) { exits_.push(detail::StackExits(exit)); }
    template <class F>
    void push_function(F fn) {
        push_exit(new detail::FunctionExit<F>(std::move(fn)));
    }
    template <class F, class... Args>
    void push_call(F&& fn, Args&&... args) {
        using Exit = detail::CallExit<std::decay_t<F>, detail::kept_tuple_t<F, 0, true, Args...>>;
        push_exit(new Exit(std::decay_t<F>(std::forward<F>(fn)), std::forward<Args>(args)...));
    }

    detail::StackExits exits_;
};

}  // namespace aio
