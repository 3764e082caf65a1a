// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/compose/detail/completions.hpp>
#include <aio/compose/detail/futures_of.hpp>
#include <aio/compose/timeout.hpp>
#include <aio/compose/wait.hpp>
#include <aio/task/result.hpp>

#include <concepts>
#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

namespace aio {

/// What as_completed() gives. Only one of the two ways of iteration makes sense at a time.
template <class F>
class AsCompleted {
public:
    using Item = detail::NextResult<typename F::value_type>;
    class Iterator {
    public:
        using value_type = Item;
        using difference_type = std::ptrdiff_t;
        explicit Iterator(const Ref<detail::Completions>& from) noexcept : from_(from) {}
        Item operator*() const {
            from_->ask();
            return Item(from_);
        }
        Iterator& operator++() noexcept { return *this; }
        void operator++(int) noexcept {}
        bool operator==(std::default_sentinel_t) const noexcept { return from_->left() == 0; }

    private:
        Ref<detail::Completions> from_;
    };

    explicit AsCompleted(Ref<detail::Completions> from) noexcept : from_(std::move(from)) {}

    /// Plain iteration, `for (auto&& next : as_completed(tasks)) use(co_await next);`: one awaitable for
    /// each future, none of them one of those. Each gives the next result to arrive, or throws its error;
    /// TimeoutError once the time is up.
    Iterator begin() const {
        from_.checked("AsCompleted.begin()");
        return Iterator(from_);
    }
    std::default_sentinel_t end() const noexcept { return {}; }

    /// Python's `async for`, `while (auto done = co_await it.next())`: the futures themselves as they are
    /// done, then nothing. Throws TimeoutError once the time is up.
    /// Cancellation: immediate, and no future is lost.
    [[nodiscard("nothing waits until this is awaited")]] auto next() const {
        from_.checked("AsCompleted.next()");
        return detail::NextCompleted<F>(from_);
    }

private:
    Ref<detail::Completions> from_;
};

/// The results of futures, tasks or coroutines in the order in which they arrive (S85). Mirrors
/// asyncio.as_completed().
///
/// Coroutines are taken out of the range, or made by it if it is a view, and become tasks at once; a list
/// that mixes them with futures is one of AnyAwaitable. Duplicates count once. `limit` counts from now on and
/// is for all of them together; nothing is cancelled when it has passed. Throws ValueError for another loop's
/// future.
template <detail::AwaitableRange Range>
auto as_completed(Range&& awaitables, const TimeLimit& limit = std::nullopt) {
    using A = std::ranges::range_value_t<Range>;
    EventLoop& loop = get_event_loop();
    if constexpr (std::derived_from<A, AnyFuture>) {
        const FutureSet<A> futures(std::forward<Range>(awaitables));
        for (const A& future : futures) detail::check_belongs(future.state("as_completed()"), loop);
        const auto all = Ref<detail::Completions>::adopt(new detail::Completions(loop, futures.size()));
        for (const A& future : futures) all->add(future.state());
        all->start(limit.delay());
        return AsCompleted<A>(all);
    } else {
        return as_completed(detail::futures_of(std::forward<Range>(awaitables), &loop), limit);
    }
}

}  // namespace aio
