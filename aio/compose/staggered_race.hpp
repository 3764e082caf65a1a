// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/ref.hpp>
#include <aio/compose/timeout.hpp>
#include <aio/task/result.hpp>
#include <aio/task/task.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

namespace aio {

/// How a staggered_race() ended.
template <class T>
struct StaggeredRace {
    /// The winner's result, which is None for void; empty if nobody won.
    detail::optional_of<detail::NoneIfVoid<T>> result;
    /// The winner's place among the functions.
    std::optional<std::size_t> winner;
    /// For each function that was started how it failed; null for the winner.
    std::vector<std::exception_ptr> errors;
};

namespace detail {

/// The part of a staggered_race() that does not depend on its result type. Its runners share it.
class RaceBase {
public:
    RaceBase(const RaceBase&) = delete;
    RaceBase& operator=(const RaceBase&) = delete;
    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

    /// Runs the race to its end and until no runner is left.
    static Coro<> run(Ref<RaceBase> race);

protected:
    RaceBase(std::size_t count, const TimeLimit& delay) noexcept : count_(count), delay_(delay) {}
    virtual ~RaceBase() = default;

    /// Awaits the function, and keeps its result if nobody has won yet.
    virtual Coro<> compete(std::size_t index) = 0;

    std::optional<std::size_t> winner_;
    std::vector<std::exception_ptr> errors_;

private:
    class RunnersForgotten;
    static Coro<> run_one(Ref<RaceBase> race, std::optional<Future<>> previous_failed);
    static void runner_done(const Ref<RaceBase>& race, const AnyTask& runner);
    void start_runner(const Ref<RaceBase>& self, std::optional<Future<>> previous_failed);
    void cancel_all_but(const AnyTask& spared, const std::exception_ptr& cause) const;

    std::size_t refs_ = 1;
    std::size_t count_;
    std::size_t started_ = 0;
    TimeLimit delay_;
    std::vector<AnyTask> running_;
    Future<> all_done_;
    std::vector<std::exception_ptr> unhandled_;
};

template <class T, class Functions>
class Race final : public RaceBase {
public:
    Race(Functions&& functions, const TimeLimit& delay)
        : RaceBase(functions.size(), delay), functions_(std::move(functions)) {}
    StaggeredRace<T> take() {
        return StaggeredRace<T>{std::move(result_), this->winner_, std::move(this->errors_)};
    }

private:
    Coro<> compete(std::size_t index) override {
        if constexpr (std::is_void_v<T>) {
            co_await functions_[index]();
            if (!this->winner_) result_.emplace();
        } else {
            T result = co_await functions_[index]();
            if (!this->winner_) result_.emplace(static_cast<T&&>(result));
        }
    }
    Functions functions_;
    optional_of<NoneIfVoid<T>> result_;
};

template <class T, class Functions>
Coro<StaggeredRace<T>> staggered_race(Functions functions, TimeLimit delay) {
    auto* race = new Race<T, Functions>(std::move(functions), delay);
    const Ref<RaceBase> shared = Ref<RaceBase>::adopt(race);
    co_await RaceBase::run(shared);
    co_return race->take();
}

}  // namespace detail

/// Starts the functions, each of which gives an awaitable, one after the other: the next one when the one
/// before has failed or `delay` after it was started, with std::nullopt only when it has failed. The first
/// that succeeds wins, the others are cancelled. Mirrors asyncio.staggered.staggered_race(), which happy
/// eyeballs uses.
///
/// `functions`: a vector (or another type with size() and []) of callables, moved in.
/// Completes: when no function runs any more. Errors are in the result; KeyboardInterrupt and SystemExit
/// pass through.
/// Cancellation: cancels all that run and waits for them.
template <class Functions>
    requires requires(Functions& functions) {
        functions.size();
        { functions[0]() } -> Awaitable;
    }
auto staggered_race(Functions functions, const TimeLimit& delay) {
    using T = detail::coro_result_t<decltype(functions[0]())>;
    return detail::staggered_race<T, Functions>(std::move(functions), delay);
}

}  // namespace aio
