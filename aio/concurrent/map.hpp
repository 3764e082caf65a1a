// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/unique_function.hpp>
#include <aio/concurrent/detail/collector.hpp>
#include <aio/concurrent/executor.hpp>
#include <aio/task/result.hpp>

#include <iterator>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace aio::concurrent {

/// Keyword arguments of Executor::map().
class MapOptions {
public:
    MapOptions() {}
    /// Counted from the call; a result that is not there in time is a TimeoutError. A NaN is a ValueError.
    template <class Rep, class Period>
    MapOptions& timeout(std::chrono::duration<Rep, Period> timeout) & {
        timeout_ = to_duration(timeout);
        return *this;
    }
    template <class Rep, class Period>
    MapOptions&& timeout(std::chrono::duration<Rep, Period> timeout) && AIO_LIFETIME_BOUND {
        return std::move(this->timeout(timeout));
    }
    /// How many calls one message to a process takes along; threads have no use for it.
    MapOptions& chunksize(std::size_t) & { return *this; }
    MapOptions&& chunksize(std::size_t calls) && AIO_LIFETIME_BOUND {
        return std::move(this->chunksize(calls));
    }
    /// How many calls may be submitted whose results were not taken yet; the ranges are then gone through
    /// step by step. Throws ValueError for zero.
    MapOptions& buffersize(std::size_t size) & {
        if (size == 0) throw ValueError("buffersize must be None or > 0");
        buffersize_ = size;
        return *this;
    }
    MapOptions&& buffersize(std::size_t size) && AIO_LIFETIME_BOUND {
        return std::move(this->buffersize(size));
    }
    const std::optional<Duration>& get_timeout() const noexcept { return timeout_; }
    const std::optional<std::size_t>& get_buffersize() const noexcept { return buffersize_; }

private:
    std::optional<Duration> timeout_;
    std::optional<std::size_t> buffersize_;
};

/// The results of Executor::map(), in order: a range to be gone through once. Going on blocks, and throws
/// what the call threw or TimeoutError. Calls that have not begun when it is destroyed are cancelled.
template <class R>
class MapResults {
public:
    using value_type = aio::detail::NoneIfVoid<R>;
    /// Submits one more call; nothing if the ranges are at their end.
    using Source = UniqueFunction<std::optional<Future<R>>()>;

    MapResults(const MapOptions& options, Source source)
        : deadline_(detail::deadline_of(options.get_timeout())), source_(std::move(source)) {
        try {
            for (std::size_t i = 0; !options.get_buffersize() || i < *options.get_buffersize(); ++i) {
                if (!submit_one()) break;
            }
        } catch (...) {
            cancel_rest();
            throw;
        }
    }
    MapResults(MapResults&& other) noexcept
        : deadline_(other.deadline_),
          source_(std::move(other.source_)),
          futures_(std::exchange(other.futures_, {})),
          next_(other.next_) {}
    MapResults& operator=(MapResults&&) = delete;
    ~MapResults() { cancel_rest(); }

    class Iterator {
    public:
        using value_type = typename MapResults::value_type;
        using difference_type = std::ptrdiff_t;
        explicit Iterator(MapResults& results) : results_(&results) { ++*this; }
        value_type& operator*() noexcept { return *value_; }
        Iterator& operator++() {
            value_ = results_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const noexcept { return !value_; }

    private:
        MapResults* results_;
        std::optional<value_type> value_;
    };
    Iterator begin() { return Iterator(*this); }
    std::default_sentinel_t end() const noexcept { return {}; }

    /// All results that are left.
    std::vector<value_type> to_vector() {
        std::vector<value_type> all;
        while (auto value = next()) all.push_back(std::move(*value));
        return all;
    }

private:
    bool submit_one() {
        if (!source_) return false;
        auto future = source_();
        if (future) {
            futures_.push_back(std::move(*future));
        } else {
            source_ = nullptr;
        }
        return future.has_value();
    }
    std::optional<value_type> next() {
        if (next_ == futures_.size()) return std::nullopt;
        if (next_ >= 64) {  // what was taken goes in bulk
            futures_.erase(futures_.begin(), futures_.begin() + static_cast<std::ptrdiff_t>(next_));
            next_ = 0;
        }
        try {
            submit_one();
            Future<R> future = std::move(futures_[next_++]);
            return take(std::move(future));
        } catch (...) {
            cancel_rest();
            throw;
        }
    }
    value_type take(Future<R>&& future) {
        try {
            future.state()->check_result(detail::time_left(deadline_));
        } catch (const TimeoutError&) {
            future.cancel();
            throw;
        }
        if constexpr (std::is_void_v<R>) {
            return {};
        } else {
            return std::move(future).result();
        }
    }
    void cancel_rest() noexcept {
        source_ = nullptr;
        for (std::size_t i = next_; i < futures_.size(); ++i) futures_[i].cancel();
        futures_.clear();
        next_ = 0;
    }

    std::optional<TimePoint> deadline_;
    Source source_;
    std::vector<Future<R>> futures_;
    std::size_t next_ = 0;
};

namespace detail {

/// Goes through ranges side by side and submits a call for each step, as long as the executor is there.
/// Lvalue ranges are referred to.
template <class F, class... Ranges>
class MapSource {
public:
    template <class G>
    MapSource(Executor& executor, Ref<ExecutorLife> life, G&& fn, Ranges&&... ranges)
        : executor_(executor),
          life_(std::move(life)),
          fn_(std::forward<G>(fn)),
          ranges_(std::forward<Ranges>(ranges)...),
          positions_(
              std::apply([](auto&... range) { return std::tuple(std::ranges::begin(range)...); }, ranges_)) {}
    MapSource(const MapSource&) = delete;
    MapSource& operator=(const MapSource&) = delete;

    auto submit() { return submit(std::index_sequence_for<Ranges...>()); }

private:
    template <std::size_t... I>
    auto submit(std::index_sequence<I...>) {
        struct Stay {
            ExecutorLife& life;
            const bool there = life.enter();
            ~Stay() {
                if (there) life.leave();
            }
        } const executor{*life_};
        std::optional<decltype(executor_.submit(fn_, *std::get<I>(positions_)...))> future;
        if (executor.there && ((std::get<I>(positions_) != std::ranges::end(std::get<I>(ranges_))) && ...)) {
            future = executor_.submit(fn_, *std::get<I>(positions_)...);
            (++std::get<I>(positions_), ...);
        }
        return future;
    }
    Executor& executor_;
    Ref<ExecutorLife> life_;
    F fn_;
    std::tuple<Ranges...> ranges_;
    std::tuple<std::ranges::iterator_t<std::remove_reference_t<Ranges>>...> positions_;
};

}  // namespace detail

template <class F, class... Ranges>
auto Executor::map(const MapOptions& options, F&& fn, Ranges&&... ranges) {
    static_assert(sizeof...(Ranges) > 0, "map() needs a range of arguments");
    using R = detail::returned_t<F, std::ranges::range_reference_t<Ranges>...>;
    using Source = detail::MapSource<std::decay_t<F>, Ranges...>;
    std::unique_ptr<Source> source(
        new Source(*this, life_, std::forward<F>(fn), std::forward<Ranges>(ranges)...));
    return MapResults<R>(options, [source = std::move(source)] { return source->submit(); });
}

template <class F, class... Ranges>
    requires(!std::same_as<std::remove_cvref_t<F>, MapOptions>)
auto Executor::map(F&& fn, Ranges&&... ranges) {
    return map(MapOptions(), std::forward<F>(fn), std::forward<Ranges>(ranges)...);
}

}  // namespace aio::concurrent
