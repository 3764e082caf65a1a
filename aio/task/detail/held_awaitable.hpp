// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/source_location.hpp>
#include <aio/task/awaitable.hpp>

#include <new>
#include <type_traits>
#include <utility>

namespace aio::detail {

/// What is kept of a value that is thrown away when the awaiter is: references to it become copies.
template <class R>
using kept_t = std::conditional_t<std::is_rvalue_reference_v<R>, std::remove_cvref_t<R>, R>;

/// Room for an awaiter, which need not be movable. To be made once.
template <class Awaiter>
class AwaiterPlace {
public:
    AwaiterPlace() noexcept {}
    // Only before it is made.
    AwaiterPlace(AwaiterPlace&&) noexcept {}
    AwaiterPlace& operator=(AwaiterPlace&&) = delete;
    ~AwaiterPlace() {
        if (made_) awaiter_.~Awaiter();
    }

    template <class A>
    Awaiter& make(A&& awaitable) {
        auto* made = ::new (static_cast<void*>(&awaiter_)) Awaiter(get_awaiter(std::forward<A>(awaitable)));
        made_ = true;
        return *made;
    }
    Awaiter& operator*() noexcept { return awaiter_; }

private:
    union {
        Awaiter awaiter_;
    };
    bool made_ = false;
};

/// An awaitable, and its awaiter from the moment it is awaited: for awaiters that await another one in the
/// same frame. `A` is an lvalue reference where the awaitable was given as one; it is copied all the same.
template <class A>
class HeldAwaitable {
    static constexpr bool kHasAwaiter = HasMemberCoAwait<A>;
    using Awaiter = std::remove_cvref_t<decltype(get_awaiter(std::declval<A>()))>;

public:
    using Result = kept_t<decltype(std::declval<Awaiter&>().await_resume())>;

    explicit HeldAwaitable(A&& awaitable) : awaitable_(std::forward<A>(awaitable)) {}

    Awaiter& start() {
        if constexpr (kHasAwaiter) {
            return awaiter_.make(static_cast<A&&>(awaitable_));
        } else {
            return awaitable_;
        }
    }
    Awaiter& awaiter() noexcept {
        if constexpr (kHasAwaiter) {
            return *awaiter_;
        } else {
            return awaitable_;
        }
    }
    /// Gives the awaitable away instead of starting it.
    A&& take() noexcept { return static_cast<A&&>(awaitable_); }

private:
    struct Nothing {};
    std::remove_cvref_t<A> awaitable_;
    [[no_unique_address]] std::conditional_t<kHasAwaiter, AwaiterPlace<Awaiter>, Nothing> awaiter_;
};

/// The end of an await under a Timeout, at `at`.
template <class Timeout, class Awaiter>
[[gnu::always_inline]] inline auto finish_under(Timeout& timeout, Awaiter& awaiter, SourceLocation at)
    -> kept_t<decltype(awaiter.await_resume())> {
    try {
        if constexpr (std::is_void_v<decltype(awaiter.await_resume())>) {
            resume_awaiter(awaiter, at);
            timeout.leave();
        } else {
            kept_t<decltype(awaiter.await_resume())> result = resume_awaiter(awaiter, at);
            timeout.leave();
            return result;
        }
    } catch (...) {
        timeout.leave_failed(at);
        throw;
    }
}

}  // namespace aio::detail
