// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/functional.hpp>
#include <aio/compose/detail/futures_of.hpp>
#include <aio/task/detail/cancel_chain.hpp>
#include <aio/task/result.hpp>
#include <aio/task/task.hpp>

#include <tuple>
#include <vector>

namespace aio::detail {

struct GatherChildren;

/// The part of a gather() that does not depend on its result type.
class GatherPart : public CancelFanout {
public:
    GatherPart(const GatherPart&) = delete;
    GatherPart& operator=(const GatherPart&) = delete;
    virtual ~GatherPart();

    /// The next argument; the same future may come again (S57).
    void add_child(FutureBase& future);
    void start();

protected:
    GatherPart(std::size_t count, bool collect_errors);

    FutureBase& argument(std::size_t index) const noexcept;
    std::size_t arguments() const noexcept;

    virtual FutureBase& outer() noexcept = 0;
    virtual void deliver_results() = 0;
    virtual void deliver_error(std::exception_ptr error) = 0;

private:
    friend class GatherChild;
    friend class GatherSetup;
    FutureBase* cancel_target(std::size_t index) noexcept final;
    std::size_t cancel_targets() const noexcept final { return arguments(); }
    bool cancel_handed_on(bool any, const std::exception_ptr& cause) final;
    void child_done(FutureBase& future);
    void deliver(const FutureBase& last);
    void child_lost();

    GatherChildren* const children_;  // its own
    std::size_t finished_ = 0;
    std::size_t lost_ = 0;  // children that died pending: nobody can complete them any more
    bool collect_errors_;
    bool cancel_requested_ = false;
    bool abandoned_ = false;  // not all arguments were to be had
};

/// The time from the first child to the start; unless it comes to that the children are let go of.
class GatherSetup {
public:
    explicit GatherSetup(GatherPart& part) noexcept : part_(part) {}
    GatherSetup(const GatherSetup&) = delete;
    GatherSetup& operator=(const GatherSetup&) = delete;
    ~GatherSetup();
    void complete() noexcept { complete_ = true; }

private:
    GatherPart& part_;
    bool complete_ = false;
};

template <class R>
class GatherState final : public FutureValue<R>, public GatherPart {
public:
    using Collect = R (*)(const GatherState&);

    GatherState(EventLoop& loop, std::size_t count, bool collect_errors, Collect collect)
        : FutureValue<R>(loop), GatherPart(count, collect_errors), collect_(collect) {}

    bool cancel(const std::exception_ptr& cause) override { return CancelChain::cancel(*this, cause); }
    CancelFanout* as_fanout() noexcept override { return this; }
    using GatherPart::argument;
    using GatherPart::arguments;

private:
    FutureBase& outer() noexcept override { return *this; }
    void deliver_results() override {
        try {
            this->set_result(collect_(*this));
        } catch (...) {  // of the values' constructors, which may also have settled it themselves
            if (!this->done()) this->set_exception(std::current_exception());
        }
    }
    void deliver_error(std::exception_ptr error) override { this->set_exception(std::move(error)); }
    const char* kind() const noexcept override { return "_GatheringFuture"; }
    void destroy() noexcept override { delete this; }
    Collect collect_;
};

template <bool Collect, class T>
decltype(auto) gathered_value(FutureBase& future) {
    if constexpr (Collect) {
        return to_result<T>(future);
    } else {
        return copy_value<T>(future);
    }
}

template <class A>
using gather_value_t = typename decltype(ensure_future(std::declval<A>()))::value_type;

template <std::size_t I, std::size_t J, class Arguments, class Futures>
void reuse_future(Arguments& arguments, Futures& futures) {
    if constexpr (std::is_same_v<std::tuple_element_t<I, Arguments>, std::tuple_element_t<J, Arguments>>) {
        if (&std::get<I>(arguments) == &std::get<J>(arguments)) std::get<I>(futures) = std::get<J>(futures);
    }
}

// The future of argument I. A coroutine that was given before is the task that it became then (S57).
template <std::size_t I, class Arguments, class Futures>
void gather_future(Arguments& arguments, Futures& futures) {
    using A = std::tuple_element_t<I, Arguments>;
    auto& future = std::get<I>(futures);
    if constexpr (std::is_lvalue_reference_v<A> && is_coro<std::remove_cvref_t<A>>) {
        [&]<std::size_t... J>(std::index_sequence<J...>) {
            (reuse_future<I, J>(arguments, futures), ...);
        }(std::make_index_sequence<I>());
        if (future) return;
    }
    future = answered_future(std::forward<A>(std::get<I>(arguments)));
}

template <class... As>
auto gather_futures(As&&... awaitables) {
    std::tuple<As&&...> arguments(std::forward<As>(awaitables)...);
    std::tuple<decltype(ensure_future(std::declval<As>()))...> futures;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (gather_future<I>(arguments, futures), ...);
    }(std::index_sequence_for<As...>());
    return futures;
}

template <bool Collect, class... As>
auto gather_all(As&&... awaitables) {
    using R =
        std::tuple<decltype(gathered_value<Collect, gather_value_t<As>>(std::declval<FutureBase&>()))...>;
    using State = GatherState<R>;
    auto collect = [](const State& state) -> R {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return R{gathered_value<Collect, gather_value_t<As>>(state.argument(I))...};
        }(std::index_sequence_for<As...>());
    };
    auto futures = gather_futures(std::forward<As>(awaitables)...);
    EventLoop& loop = [&]() -> EventLoop& {
        if constexpr (sizeof...(As) > 0) {
            return std::get<0>(futures).state("gather()").loop();
        } else {
            return get_running_loop();
        }
    }();
    std::apply([&](auto&... future) { (check_belongs(future.state("gather()"), loop), ...); }, futures);
    auto* state = new State(loop, sizeof...(As), Collect, collect);
    Future<R> outer(Ref<FutureValue<R>>::adopt(state));
    GatherSetup setup(*state);
    std::apply([&](auto&... future) { (state->add_child(*future.state()), ...); }, futures);
    setup.complete();
    // The children's handles go first, so that their values can be moved out.
    [](auto) {}(std::move(futures));
    state->start();
    return outer;
}

/// Whether the elements can be counted and looked at before they are taken.
template <class Range>
inline constexpr bool is_gathered_in_place =
    std::ranges::sized_range<Range> && !is_any_awaitable<std::ranges::range_value_t<Range>> &&
    (!FutureRange<Range> || std::is_lvalue_reference_v<std::ranges::range_reference_t<Range>>);

template <bool Collect, class Range>
auto gather_in_place(Range&& range) {
    using Element = element_t<Range>;
    using T = gather_value_t<Element>;
    using Value = decltype(gathered_value<Collect, T>(std::declval<FutureBase&>()));
    using R = std::vector<std::conditional_t<std::is_reference_v<Value>,
                                             std::reference_wrapper<std::remove_reference_t<Value>>, Value>>;
    using State = GatherState<R>;
    auto collect = [](const State& state) -> R {
        R values;
        values.reserve(state.arguments());
        for (std::size_t i = 0; i < state.arguments(); ++i) {
            values.push_back(gathered_value<Collect, T>(state.argument(i)));
        }
        return values;
    };
    EventLoop& loop = [&]() -> EventLoop& {
        if constexpr (FutureRange<Range>) {
            if (!std::ranges::empty(range)) {
                EventLoop& of_first = (*std::ranges::begin(range)).state("gather()").loop();
                for (auto&& future : range) check_belongs(future.state("gather()"), of_first);
                return of_first;
            }
        }
        return get_running_loop();
    }();
    auto* state = new State(loop, std::ranges::size(range), Collect, collect);
    Future<R> outer(Ref<FutureValue<R>>::adopt(state));
    GatherSetup setup(*state);
    for (auto&& element : range) {
        state->add_child(*answered_future(static_cast<Element&&>(element)).state());
    }
    setup.complete();
    state->start();
    return outer;
}

template <bool Collect, class Range>
auto gather_range(Range&& range) {
    if constexpr (is_gathered_in_place<Range>) {
        return gather_in_place<Collect>(std::forward<Range>(range));
    } else {
        return gather_in_place<Collect>(futures_of(std::forward<Range>(range), nullptr, true));
    }
}

}  // namespace aio::detail
