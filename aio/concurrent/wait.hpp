// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/trivial_vector.hpp>
#include <aio/compose/wait.hpp>
#include <aio/concurrent/detail/collector.hpp>
#include <aio/concurrent/future.hpp>

#include <iterator>
#include <vector>

namespace aio::concurrent {

using aio::ALL_COMPLETED;
using aio::FIRST_COMPLETED;
using aio::FIRST_EXCEPTION;
using aio::ReturnWhen;
using aio::WaitOptions;

namespace detail {

template <class Range>
concept FutureRange =
    std::ranges::input_range<Range> && std::derived_from<std::ranges::range_value_t<Range>, AnyFuture>;

template <class F>
std::vector<Ref<FutureState>> states_of(const std::vector<F>& futures) {
    std::vector<Ref<FutureState>> states;
    states.reserve(futures.size());
    for (const F& future : futures) states.emplace_back(&future.state("wait() or as_completed()"));
    return states;
}

/// Marks those that are done in wait()'s sense.
aio::detail::TrivialVector<bool> wait_for_futures(Collector& collector, const WaitOptions& options);
[[noreturn]] void raise_unfinished(std::size_t unfinished, std::size_t all);

}  // namespace detail

/// What wait() gives, each in the order in which the futures were given.
template <class F>
struct WaitResult {
    std::vector<F> done;
    std::vector<F> not_done;
};

/// Blocks until futures are done, as `options` say; raises none of their errors. A cancelled future counts as
/// done when its executor has come to it. Mirrors concurrent.futures.wait().
/// Threads: any, but in a loop's thread it stops the loop; there, await aio::wait().
template <detail::FutureRange Range>
auto wait(const Range& futures, const WaitOptions& options = WaitOptions()) {
    using F = std::ranges::range_value_t<Range>;
    std::vector<F> all(std::ranges::begin(futures), std::ranges::end(futures));
    detail::Collector collector(detail::states_of(all));
    const aio::detail::TrivialVector<bool> finished = detail::wait_for_futures(collector, options);
    WaitResult<F> result;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!collector.repeated(i)) (finished[i] ? result.done : result.not_done).push_back(all[i]);
    }
    return result;
}

/// The range that as_completed() gives: to be gone through once, where it is.
template <class F>
class AsCompleted {
public:
    AsCompleted(std::vector<F> futures, const std::optional<Duration>& timeout)
        : futures_(std::move(futures)),
          collector_(detail::states_of(futures_)),
          deadline_(detail::deadline_of(timeout)) {}

    class Iterator {
    public:
        using value_type = F;
        using difference_type = std::ptrdiff_t;
        explicit Iterator(AsCompleted& range) : range_(&range) { ++*this; }
        const F& operator*() const noexcept { return range_->futures_[current_]; }
        Iterator& operator++() {
            current_ = range_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const noexcept {
            return current_ == detail::Collector::kNone;
        }

    private:
        AsCompleted* range_;
        std::size_t current_ = 0;
    };
    Iterator begin() { return Iterator(*this); }
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    std::size_t next() {
        if (collector_.unfinished() == 0) return detail::Collector::kNone;
        const std::size_t index = collector_.next(deadline_);
        if (index == detail::Collector::kNone) {
            detail::raise_unfinished(collector_.unfinished(), collector_.size());
        }
        return index;
    }
    std::vector<F> futures_;
    detail::Collector collector_;
    std::optional<TimePoint> deadline_;
};

/// Gives futures as they are done, first those that are already: `for (auto& future :
/// as_completed(futures))`. Going on blocks; it throws TimeoutError when `timeout`, counted from the call,
/// has passed. Equal futures are given once. Mirrors concurrent.futures.as_completed().
template <detail::FutureRange Range>
auto as_completed(const Range& futures) {
    using F = std::ranges::range_value_t<Range>;
    return AsCompleted<F>(std::vector<F>(std::ranges::begin(futures), std::ranges::end(futures)),
                          std::nullopt);
}
template <detail::FutureRange Range, class Rep, class Period>
auto as_completed(const Range& futures, std::chrono::duration<Rep, Period> timeout) {
    using F = std::ranges::range_value_t<Range>;
    return AsCompleted<F>(std::vector<F>(std::ranges::begin(futures), std::ranges::end(futures)),
                          to_duration(timeout));
}

}  // namespace aio::concurrent
