// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/result.hpp>
#include <aio/task/task.hpp>

#include <memory>
#include <ranges>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace aio {

/// Tag: gather() collects errors, cancellations included, instead of raising the first (S54).
struct ReturnExceptions {};
inline constexpr ReturnExceptions return_exceptions{};

namespace detail {

class GatherPart;

/// One child of a gather(). It knows the child by address only: while the child is pending it may die
/// (then the part is discarded), and from its completion on the part holds a reference.
class GatherChild final : public Runnable {
public:
    GatherChild() noexcept = default;
    GatherChild(const GatherChild&) = delete;
    GatherChild& operator=(const GatherChild&) = delete;
    ~GatherChild() {
        if (node_.linked()) future_->remove_node(node_);
        if (node_.queued) future_->release();
    }
    void watch(GatherPart& owner, FutureBase& future) {
        owner_ = &owner;
        future_ = &future;
        future.add_node(node_);
    }
    void adopt_done(GatherPart& owner, FutureBase& future) {
        owner_ = &owner;
        future_ = &future;
        future.add_ref();
        node_.queued = true;
    }
    FutureBase& future() const noexcept { return *future_; }
    bool pending() const noexcept { return node_.linked(); }

    void run() override;
    void discard() noexcept override;

private:
    CallbackNode node_{*this, true};
    GatherPart* owner_ = nullptr;
    FutureBase* future_ = nullptr;
};

/// The part of a gather() that does not depend on its result type.
class GatherPart {
public:
    virtual ~GatherPart() = default;

    /// The next argument; the same future may come again (S57).
    void add_child(FutureBase& future);
    void start();
    void child_done(GatherChild& child);
    void child_lost();

protected:
    GatherPart(std::size_t count, bool collect_errors)
        : children_(std::make_unique<GatherChild[]>(count)),
          arguments_(std::make_unique<GatherChild*[]>(count)),
          collect_errors_(collect_errors) {}

    FutureBase& argument(std::size_t index) const noexcept { return arguments_[index]->future(); }
    std::size_t arguments() const noexcept { return argument_count_; }
    bool cancel_children(const std::exception_ptr& cause);

    virtual FutureBase& outer() noexcept = 0;
    virtual void deliver_results() = 0;
    virtual void deliver_error(std::exception_ptr error) = 0;

private:
    GatherChild* find(FutureBase& future) noexcept;

    std::unique_ptr<GatherChild[]> children_;    // distinct futures
    std::unique_ptr<GatherChild*[]> arguments_;  // in argument order, maybe several times the same
    std::size_t child_count_ = 0;
    std::size_t argument_count_ = 0;
    std::size_t finished_ = 0;
    std::unordered_map<const FutureBase*, GatherChild*> done_children_;  // done before the call
    bool collect_errors_;
    bool cancel_requested_ = false;
};

template <class R>
class GatherState final : public FutureValue<R>, public GatherPart {
public:
    using Collect = R (*)(const GatherState&);

    GatherState(EventLoop& loop, std::size_t count, bool collect_errors, Collect collect)
        : FutureValue<R>(loop), GatherPart(count, collect_errors), collect_(collect) {}

    bool cancel(const std::exception_ptr& cause) override {
        return !this->done() && this->cancel_children(cause);
    }
    using GatherPart::argument;
    using GatherPart::arguments;

private:
    FutureBase& outer() noexcept override { return *this; }
    void deliver_results() override {
        try {
            this->set_result(collect_(*this));
        } catch (...) {
            this->set_exception(std::current_exception());
        }
    }
    void deliver_error(std::exception_ptr error) override { this->set_exception(std::move(error)); }
    const char* kind() const noexcept override { return "_GatheringFuture"; }
    void destroy() noexcept override { delete this; }
    Collect collect_;
};

template <bool Collect, class T>
auto gathered_value(FutureBase& future) {
    if constexpr (Collect) {
        return to_result<T>(future);
    } else {
        return copy_value<T>(future);
    }
}

template <class A>
using gather_value_t = typename decltype(ensure_future(std::declval<A>()))::value_type;

template <bool Collect, class... As>
auto gather_all(As&&... awaitables) {
    using R = std::tuple<decltype(gathered_value<Collect, gather_value_t<As>>(std::declval<FutureBase&>()))...>;
    using State = GatherState<R>;
    auto collect = [](const State& state) -> R {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return R{gathered_value<Collect, gather_value_t<As>>(state.argument(I))...};
        }(std::index_sequence_for<As...>());
    };
    auto futures = std::tuple{ensure_future(std::forward<As>(awaitables))...};
    EventLoop& loop = [&]() -> EventLoop& {
        if constexpr (sizeof...(As) > 0) {
            return std::get<0>(futures).get_loop();
        } else {
            return get_running_loop();
        }
    }();
    auto* state = new State(loop, sizeof...(As), Collect, collect);
    Future<R> outer(Ref<FutureValue<R>>::adopt(state));
    std::apply([&](auto&... future) { (state->add_child(*future.state()), ...); }, futures);
    // The children's handles go first, so that their values can be moved out.
    [](auto) {}(std::move(futures));
    state->start();
    return outer;
}

template <bool Collect, class Range>
auto gather_range(Range&& range) {
    using A = std::conditional_t<std::is_lvalue_reference_v<Range>, std::ranges::range_reference_t<Range>,
                                 std::ranges::range_value_t<Range>&&>;
    using T = gather_value_t<A>;
    using R = std::vector<decltype(gathered_value<Collect, T>(std::declval<FutureBase&>()))>;
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
        if constexpr (std::derived_from<std::ranges::range_value_t<Range>, AnyFuture>) {
            if (!std::ranges::empty(range)) return std::ranges::begin(range)->get_loop();
        }
        return get_running_loop();
    }();
    auto* state = new State(loop, std::ranges::size(range), Collect, collect);
    Future<R> outer(Ref<FutureValue<R>>::adopt(state));
    for (auto&& awaitable : range) {
        if constexpr (std::is_lvalue_reference_v<Range>) {
            state->add_child(*ensure_future(awaitable).state());
        } else {
            state->add_child(*ensure_future(std::move(awaitable)).state());
        }
    }
    state->start();
    return outer;
}

template <class R>
concept AwaitableRange = std::ranges::sized_range<R> && Awaitable<std::ranges::range_value_t<R>>;

}  // namespace detail

/// Runs awaitables at the same time; gives a tuple of their values in argument order (S52 to S57).
/// Mirrors asyncio.gather().
///
/// Coroutines become tasks at once. The first error is raised as soon as it happens, while the others
/// keep running; cancelling the returned future cancels the children and waits for them.
/// Void results are None.
template <Awaitable... As>
auto gather(As&&... awaitables) {
    return detail::gather_all<false>(std::forward<As>(awaitables)...);
}
/// The same, with errors and cancellations as entries: a tuple of Result<T>.
template <Awaitable... As>
auto gather(ReturnExceptions, As&&... awaitables) {
    return detail::gather_all<true>(std::forward<As>(awaitables)...);
}
/// The same for a range: gives a vector. Futures and tasks are taken from any range, coroutines from
/// one that is moved in.
template <detail::AwaitableRange Range>
    requires(!Awaitable<Range>)
auto gather(Range&& range) {
    return detail::gather_range<false>(std::forward<Range>(range));
}
template <detail::AwaitableRange Range>
    requires(!Awaitable<Range>)
auto gather(ReturnExceptions, Range&& range) {
    return detail::gather_range<true>(std::forward<Range>(range));
}

}  // namespace aio
