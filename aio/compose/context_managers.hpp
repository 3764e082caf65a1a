// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/base/detail/kept_arguments.hpp>
#include <aio/base/exception_group.hpp>
#include <aio/compose/async_generator.hpp>
#include <aio/compose/async_with.hpp>

#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

/// Managers for async_with() and AsyncExitStack: what contextlib has for `async with`.
///
/// There is no AsyncContextDecorator: `async_with(manager, fn, args...)` is the call of a decorated function.
namespace aio {

/// Closes `thing` at the end of the scope; the body is given it. See aclosing().
template <class G>
class Aclosing {
public:
    explicit Aclosing(G&& thing) : thing_(std::forward<G>(thing)) {}
    detail::ReadyAwaiter<std::remove_reference_t<G>&> aenter() noexcept {
        return detail::ReadyAwaiter<std::remove_reference_t<G>&>(thing_);
    }
    auto aexit() { return thing_.aclose(); }

private:
    G thing_;
};

/// A scope at whose end `thing.aclose()` is awaited: an AsyncGenerator that may be left before its end. An
/// lvalue must outlive the scope, an rvalue is moved in. Mirrors contextlib.aclosing().
template <class G>
auto aclosing(G&& thing) {
    return Aclosing<G>(std::forward<G>(thing));
}

/// Does nothing; the body is given the value. See nullcontext().
template <class T>
class NullContext {
public:
    explicit NullContext(T value) : value_(std::move(value)) {}
    detail::ReadyAwaiter<T&> aenter() noexcept { return detail::ReadyAwaiter<T&>(value_); }
    detail::ReadyAwaiter<NoneType> aexit() const noexcept {
        return detail::ReadyAwaiter<NoneType>(NoneType());
    }

private:
    T value_;
};

/// A scope that does nothing, where a manager is optional. Mirrors contextlib.nullcontext().
inline auto nullcontext() { return NullContext<NoneType>(NoneType()); }
template <class T>
auto nullcontext(T value) {
    return NullContext<T>(std::move(value));
}

/// Swallows the errors E of the body. See suppress().
template <class... E>
class Suppress {
public:
    detail::ReadyAwaiter<NoneType> aenter() const noexcept {
        return detail::ReadyAwaiter<NoneType>(NoneType());
    }
    detail::ReadyAwaiter<bool> aexit(const std::exception_ptr& error) const {
        bool swallowed = false;
        if (error) {
            bool (*matches)(const std::exception_ptr&) = &detail::is_exception<E...>;
            const ExceptionSplit parts = detail::split_error(error, detail::ExceptionFilter(matches));
            if (parts.match && parts.rest) std::rethrow_exception(parts.rest);
            swallowed = parts.match != nullptr;
        }
        return detail::ReadyAwaiter<bool>(swallowed);
    }
};

/// A scope that ends without an error if the body throws one of the types E. Of a group, those errors are
/// taken out at any depth, and what is left, if anything, is thrown. Mirrors contextlib.suppress().
template <class... E>
    requires(sizeof...(E) > 0)
Suppress<E...> suppress() noexcept {
    return Suppress<E...>();
}

/// A scope written as an async generator. See asynccontextmanager().
template <class F, class... Args>
class GeneratorContextManager {
    static constexpr bool kMoves = std::is_invocable_v<F&, Args...>;
    static_assert(
        !detail::makes_temporaries<F, 0, Args...> || !(detail::is_borrowed_text<Args> || ...),
        "asynccontextmanager() cannot see this callable's parameters; a std::string that it makes of "
        "the argument would be gone when the generator goes on: give a std::string");
    static decltype(auto) call(F& fn, Args&... args) {
        if constexpr (kMoves) {
            return detail::invoke(fn, std::move(args)...);
        } else {
            return detail::invoke(fn, args...);
        }
    }
    using Generator = decltype(call(std::declval<F&>(), std::declval<Args&>()...));
    using Value = typename Generator::value_type;

public:
    template <class... Given>
    explicit GeneratorContextManager(F fn, Given&&... args)
        : fn_(std::move(fn)), args_(std::forward<Given>(args)...) {}

    Coro<Value&> aenter() {
        if (generator_) throw RuntimeError("asynccontextmanager(): it can be entered once");
        generator_.emplace(std::apply([this](Args&... args) { return call(fn_, args...); }, args_));
        auto value = co_await generator_->next();
        if (!value) throw RuntimeError("generator didn't yield");
        value_.emplace(*std::move(value));
        co_return *value_;
    }

    Coro<bool> aexit(std::exception_ptr error) {
        if (!generator_) throw RuntimeError("asynccontextmanager(): it has not been entered");
        bool yielded_again = false;
        try {
            if (error) {
                auto value = co_await generator_->athrow(error);
                yielded_again = value.has_value();
            } else {
                auto value = co_await generator_->next();
                yielded_again = value.has_value();
            }
        } catch (...) {
            if (std::current_exception() != error) throw;
            co_return false;  // it has let the error pass
        }
        if (yielded_again) {
            co_await generator_->aclose();
            throw RuntimeError(error ? "generator didn't stop after athrow()" : "generator didn't stop");
        }
        co_return error != nullptr;  // it has dealt with the error
    }

private:
    F fn_;
    std::tuple<Args...> args_;  // the generator may refer to them
    std::optional<Generator> generator_;
    detail::optional_of<Value> value_;
};

namespace detail {
template <class F, class... Kept, class... Args>
auto generator_manager(TypeList<Kept...>, F&& fn, Args&&... args) {
    return GeneratorContextManager<std::decay_t<F>, Kept...>(std::forward<F>(fn),
                                                             std::forward<Args>(args)...);
}
}  // namespace detail

/// A scope from `fn(args...)`, an async generator that yields once: what stands before the co_yield enters,
/// what stands behind it leaves. Mirrors contextlib.asynccontextmanager().
///
///     AsyncGenerator<Session*> session(std::string host) {
///         Session s = co_await connect(host);
///         std::exception_ptr error;
///         try {
///             co_yield &s;   // an error of the body, also its cancellation, is thrown here
///         } catch (...) {
///             error = std::current_exception();   // a catch block cannot await
///         }
///         co_await s.disconnect();
///         if (error) std::rethrow_exception(error);   // without this the error is swallowed
///     }
///     co_await async_with(asynccontextmanager(session, "host"), body);   // Coro<> body(Session* session)
///
/// Throws RuntimeError if the generator does not yield or yields more than once.
template <class F, class... Args>
auto asynccontextmanager(F&& fn, Args&&... args) {
    return detail::generator_manager(detail::kept_list_t<F, 0, true, Args...>(), std::forward<F>(fn),
                                     std::forward<Args>(args)...);
}

}  // namespace aio
