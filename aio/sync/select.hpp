// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/source_location.hpp>
#include <aio/sync/detail/selector.hpp>
#include <aio/sync/detail/sync_waiter.hpp>
#include <aio/task/awaitable.hpp>
#include <aio/task/future.hpp>
#include <aio/task/result.hpp>
#include <aio/task/sleep.hpp>

#include <coroutine>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace aio {

/// What select() gives: which branch took effect, and its result.
template <class... Ts>
class Selected {
public:
    /// The branch's place among the arguments, from 0.
    std::size_t index() const noexcept { return index_; }
    /// The result of branch I, None if it has none. Throws LookupError if it is not the one.
    template <std::size_t I>
    auto& get() {
        if (index_ != I) throw LookupError("select() chose another branch");
        return *std::get<I>(values_);
    }
    /// The result of branch I, or null.
    template <std::size_t I>
    auto* get_if() noexcept {
        return index_ == I ? &*std::get<I>(values_) : nullptr;
    }

private:
    template <class...>
    friend class SelectAwaiter;
    explicit Selected(std::size_t index) noexcept : index_(index) {}

    std::size_t index_;
    // The future in which the value is, if there may be one.
    static constexpr bool kMayBeOwned = (std::is_const_v<std::remove_reference_t<Ts>> || ...);
    std::tuple<detail::optional_of<Ts>...> values_;
    [[no_unique_address]] std::conditional_t<kMayBeOwned, Ref<detail::FutureBase>, NoneType> owner_;
};

/// The awaitable of select(). To be awaited, once; nothing else about it is promised.
template <class... Branches>
class SelectAwaiter final : public detail::Selector {
    using Indices = std::index_sequence_for<Branches...>;
    using Result = Selected<typename detail::Branch<Branches>::Result...>;

public:
    explicit SelectAwaiter(Branches&&... branches) : branches_(std::move(branches)...) {}

    bool await_ready() {
        check_fresh();
        return find_ready(Indices());
    }
    template <std::derived_from<detail::CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        awaiter.promise().set_await_line(line);
        list_branches(Indices());
        start(awaiter, listed_, sizeof...(Branches));
    }
    Result await_resume(SourceLocation at = SourceLocation::current()) {
        list_branches(Indices());
        finish(listed_, sizeof...(Branches));
        Result result(chosen());
        take_result(result, at, Indices());
        return result;
    }

private:
    template <std::size_t... I>
    bool find_ready(std::index_sequence<I...>) {
        return ((std::get<I>(branches_).await_ready() && (choose(I), true)) || ...);
    }
    template <std::size_t... I>
    void list_branches(std::index_sequence<I...>) noexcept {
        ((listed_[I] = &std::get<I>(branches_)), ...);
    }
    template <std::size_t... I>
    void take_result(Result& result, SourceLocation at, std::index_sequence<I...>) {
        ((chosen() == I ? take<I>(result, at) : void()), ...);
    }
    template <std::size_t I>
    void take(Result& result, SourceLocation at) {
        auto& branch = std::get<I>(branches_);
        using Branch = std::tuple_element_t<I, std::tuple<Branches...>>;
        if constexpr (std::is_void_v<decltype(branch.await_resume())>) {
            detail::resume_awaiter(branch, at);
            std::get<I>(result.values_).emplace();
        } else {
            if constexpr (detail::Branch<Branch>::kIsOwned) result.owner_ = branch.owner();
            std::get<I>(result.values_).emplace(detail::resume_awaiter(branch, at));
        }
    }

    std::tuple<Branches...> branches_;
    detail::SyncWaiter* listed_[sizeof...(Branches)] = {};
};

/// Waits for the first of several things. Exactly one takes effect; the others are withdrawn as if they had
/// never been waited for: no item is taken, none is put, no permit lost. Has no counterpart in asyncio,
/// where one makes tasks, waits for the first and cancels the others.
///
///     auto chosen = co_await select(queue.get(), stop.wait(), sleep(1s));
///     if (auto* item = chosen.get_if<0>()) use(std::move(*item));
///
/// Takes the waits of Queue, Event, Lock and Semaphore, sleep() as a time limit, and futures and tasks; what
/// else there is can be made a task.
///
/// Completes: at once, without yielding, if a branch is ready; else when one is. If several are, the first in
/// the order of the arguments: put what must not starve in front.
/// Cancellation: immediate; withdraws all. Futures and tasks are not cancelled, neither then nor if they
/// are not chosen, nor are their errors looked at. An item that was not put is destroyed.
/// Throws what the chosen branch throws. A future that is not moved in keeps its value: the result is a copy,
/// or a const reference if it cannot be copied.
template <class... As>
    requires(sizeof...(As) > 0)
[[nodiscard("nothing waits until this is awaited")]] auto select(As&&... awaitables) {
    return SelectAwaiter<decltype(detail::make_branch(std::forward<As>(awaitables)))...>(
        detail::make_branch(std::forward<As>(awaitables))...);
}

}  // namespace aio
