// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/detail/trivial_vector.hpp>
#include <aio/compose/detail/futures_of.hpp>
#include <aio/task/task.hpp>

#include <optional>
#include <vector>

namespace aio {

/// When wait() returns.
enum class ReturnWhen { first_completed, first_exception, all_completed };
inline constexpr ReturnWhen FIRST_COMPLETED = ReturnWhen::first_completed;
inline constexpr ReturnWhen FIRST_EXCEPTION = ReturnWhen::first_exception;
inline constexpr ReturnWhen ALL_COMPLETED = ReturnWhen::all_completed;

namespace detail {
/// The places of the first occurrence of each key, in order.
TrivialVector<std::size_t> first_occurrences(const TrivialVector<const void*>& keys);
}  // namespace detail

/// Distinct futures or tasks, in the order in which they were given (unless LoopOptions::shuffle() varies
/// it). What wait() returns.
template <class F>
class FutureSet {
public:
    FutureSet() = default;
    FutureSet(std::initializer_list<F> futures) { fill(futures.begin(), futures.end()); }
    template <detail::FutureRange Range>
        requires(!std::same_as<std::remove_cvref_t<Range>, FutureSet>)
    explicit FutureSet(Range&& futures) {
        fill(std::ranges::begin(futures), std::ranges::end(futures));
    }
    bool contains(const AnyFuture& future) const {
        for (const F& member : futures_) {
            if (member == future) return true;
        }
        return false;
    }
    std::size_t size() const noexcept { return futures_.size(); }
    bool empty() const noexcept { return futures_.empty(); }
    auto begin() const noexcept { return futures_.begin(); }
    auto end() const noexcept { return futures_.end(); }
    /// The first one, which is removed. Throws LookupError if the set is empty.
    F pop() {
        if (futures_.empty()) throw LookupError("pop from an empty set");
        F first = std::move(futures_.front());
        futures_.erase(futures_.begin());
        return first;
    }
    friend bool operator==(const FutureSet& a, const FutureSet& b) {
        if (a.size() != b.size()) return false;
        for (const F& member : a) {
            if (!b.contains(member)) return false;
        }
        return true;
    }

private:
    template <class>
    friend class WaitAwaiter;
    template <class Iterator, class End>
    void fill(Iterator from, End to) {
        std::vector<F> all;
        detail::TrivialVector<const void*> keys;
        for (; from != to; ++from) {
            all.push_back(*from);
            keys.push_back(all.back().state().get());
        }
        for (std::size_t index : detail::first_occurrences(keys)) {
            futures_.push_back(std::move(all[index]));
        }
    }
    std::vector<F> futures_;
};

/// What wait() gives.
template <class F>
struct WaitResult {
    FutureSet<F> done;
    FutureSet<F> pending;
};

/// Keyword arguments of wait(). A timeout that is a NaN is a ValueError.
class WaitOptions {
public:
    WaitOptions() {}
    WaitOptions(ReturnWhen when) : when_(when) {}  // NOLINT(google-explicit-constructor)
    template <class Rep, class Period>
    WaitOptions(std::chrono::duration<Rep, Period> timeout)  // NOLINT(google-explicit-constructor)
        : timeout_(to_duration(timeout)) {}
    WaitOptions& return_when(ReturnWhen when) & {
        when_ = when;
        return *this;
    }
    WaitOptions&& return_when(ReturnWhen when) && AIO_LIFETIME_BOUND {
        return std::move(this->return_when(when));
    }
    template <class Rep, class Period>
    WaitOptions& timeout(std::chrono::duration<Rep, Period> timeout) & {
        timeout_ = to_duration(timeout);
        return *this;
    }
    template <class Rep, class Period>
    WaitOptions&& timeout(std::chrono::duration<Rep, Period> timeout) && AIO_LIFETIME_BOUND {
        return std::move(this->timeout(timeout));
    }
    ReturnWhen get_return_when() const noexcept { return when_; }
    const std::optional<Duration>& get_timeout() const noexcept { return timeout_; }

private:
    ReturnWhen when_ = ReturnWhen::all_completed;
    std::optional<Duration> timeout_;
};

namespace detail {

/// The part of wait() that does not depend on the kind of futures.
class WaitWaiter : public LeafWaiter {
public:
    explicit WaitWaiter(const WaitOptions& options) noexcept : options_(options) {}
    WaitWaiter(WaitWaiter&& other) noexcept
        : LeafWaiter(static_cast<LeafWaiter&&>(other)), options_(other.options_) {}
    WaitWaiter& operator=(WaitWaiter&&) = delete;
    std::string describe() const override { return "wait"; }

protected:
    ~WaitWaiter() {
        if (nodes_) abandon();
    }
    static void check_loop(const FutureBase& future);
    void start(std::coroutine_handle<> awaiter, std::size_t count);
    void watch(FutureBase& future) { nodes_[used_++].watch(*this, future); }
    void stop() {
        release_nodes();
        end();
    }
    /// Where the futures that are given back begin; they go round.
    std::size_t first_index(std::size_t count) const { return here.loop->shuffled(count); }

private:
    class Node final : public Runnable {
    public:
        Node() noexcept = default;
        Node(const Node&) = delete;
        Node& operator=(const Node&) = delete;
        void watch(WaitWaiter& owner, FutureBase& future) {
            owner_ = &owner;
            future_ = &future;
            future.add_node(node_);
        }
        void run() override {
            ran_ = true;
            owner_->completed(*future_);
        }
        void unlink() noexcept {
            if (node_.linked()) future_->remove_node(node_);
        }
        bool queued() const noexcept { return node_.queued && !ran_; }
        std::string repr() const override { return "wait()"; }
        FutureBase* awaiter() noexcept override { return &owner_->task()->future(); }

    private:
        CallbackNode node_{*this};
        WaitWaiter* owner_ = nullptr;
        FutureBase* future_ = nullptr;
        bool ran_ = false;
    };
    class Timeout final : public TimerNode {
    public:
        explicit Timeout(WaitWaiter& owner) noexcept : owner_(owner) {}
        void run() override { owner_.finish(); }

    private:
        WaitWaiter& owner_;
    };

    void completed(FutureBase& future);
    void finish();
    void withdraw() noexcept override;
    void abandon() noexcept;
    void release_nodes() noexcept;

    WaitOptions options_;
    Node* nodes_ = nullptr;
    std::size_t used_ = 0;
    std::size_t unfinished_ = 0;
    Timeout timeout_{*this};
};

}  // namespace detail

/// The awaitable of wait(). To be awaited, once; nothing else about it is promised.
template <class F>
class WaitAwaiter final : public detail::WaitWaiter {
public:
    WaitAwaiter(FutureSet<F> futures, const WaitOptions& options)
        : WaitWaiter(options), futures_(std::move(futures)) {}

    bool await_ready() const {
        this->check_fresh();
        if (futures_.empty()) throw ValueError("Set of Tasks/Futures is empty.");
        for (const F& future : futures_) this->check_loop(future.state("wait()"));
        return false;
    }
    template <std::derived_from<detail::CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        awaiter.promise().set_await_line(line);
        this->start(awaiter, futures_.size());
        for (const F& future : futures_) this->watch(*future.state());
    }
    WaitResult<F> await_resume() {
        this->stop();  // throws if the task was cancelled
        WaitResult<F> result;
        const std::size_t count = futures_.size();
        std::size_t index = this->first_index(count);
        for (std::size_t i = 0; i < count; ++i, index = index + 1 < count ? index + 1 : 0) {
            F& future = futures_.futures_[index];
            FutureSet<F>& set = future.done() ? result.done : result.pending;
            set.futures_.push_back(std::move(future));
        }
        return result;
    }

private:
    FutureSet<F> futures_;
};

/// Waits until futures or tasks are done, without raising their errors and without cancelling any
/// (S58 to S61). Mirrors asyncio.wait().
///
/// Completes: as `options` say; at the timeout with the rest in `pending`. Yields at least once.
/// Cancellation: only the wait ends, the futures go on (S60).
/// Throws, when awaited: ValueError for an empty range, RuntimeError for another loop's future.
template <detail::FutureRange Range>
[[nodiscard("nothing waits until this is awaited")]] auto wait(Range&& futures,
                                                               WaitOptions options = WaitOptions()) {
    using F = std::ranges::range_value_t<Range>;
    return WaitAwaiter<F>(FutureSet<F>(std::forward<Range>(futures)), options);
}

namespace detail {
template <class A>
Coro<WaitResult<future_of_t<std::vector<A>>>> wait_for_all(std::vector<A> awaitables, WaitOptions options) {
    co_return co_await wait(futures_of(std::move(awaitables), here.loop), options);
}
}  // namespace detail

/// The same for coroutines and AnyAwaitable, which are taken out of the range, or made by it if it is a view:
/// they become tasks when this is awaited, and that is what the sets then hold.
template <detail::AwaitableRange Range>
    requires(!detail::FutureRange<Range>)
[[nodiscard("nothing waits until this is awaited")]] auto wait(Range&& awaitables,
                                                               WaitOptions options = WaitOptions()) {
    using A = std::ranges::range_value_t<Range>;
    std::vector<A> taken;
    for (auto&& element : awaitables) taken.push_back(static_cast<A&&>(element));
    return detail::wait_for_all(std::move(taken), options);
}

/// The same for futures, tasks and coroutines given one by one, all with the same type of result. If all
/// are coroutines, they become tasks when this is awaited, so no loop need run yet:
/// `loop.run_until_complete(wait(a(), b()))`.
template <class... As>
    requires(sizeof...(As) > 1 && (Awaitable<As> && ...))
[[nodiscard("nothing waits until this is awaited")]] auto wait(As&&... awaitables) {
    if constexpr ((detail::is_coro<std::remove_cvref_t<As>> && ...)) {
        std::vector<std::common_type_t<std::remove_cvref_t<As>...>> coroutines;
        coroutines.reserve(sizeof...(As));
        (coroutines.push_back(std::move(awaitables)), ...);
        return wait(std::move(coroutines));
    } else {
        using F = std::common_type_t<decltype(ensure_future(std::forward<As>(awaitables)))...>;
        return wait(std::vector<F>{ensure_future(std::forward<As>(awaitables))...});
    }
}

/// Says that one alone is not waited for like this (S61).
template <class A>
    requires Awaitable<A>
auto wait(A&&) {
    static_assert(detail::never<A>,
                  "wait() takes a range of tasks, futures or coroutines, or two of them and more; "
                  "one is awaited by wait_for()");
}

}  // namespace aio
