// SPDX-License-Identifier: MIT
#pragma once

#include <aio/sync.hpp>
#include <aio/task.hpp>
#include <aio/task/detail/driver.hpp>
#include <aio/task/detail/held_awaitable.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

/// What is a task, or part of one, without being a coroutine.
namespace aio::tests {

/// Takes a lock, sleeps for two seconds, awaits a future: a state machine. `log` is told.
class Machine final : public aio::detail::TaskDriver {
public:
    using Log = std::function<void(const std::string&)>;

    Machine(Lock& lock, Future<int> future, Log log)
        : TaskDriver(machine()), lock_(&lock), future_(std::move(future)), log_(std::move(log)) {}
    Machine(Machine&& other)
        : TaskDriver(std::move(other)),
          lock_(other.lock_),
          future_(std::move(other.future_)),
          log_(std::move(other.log_)) {}
    Machine& operator=(Machine&&) = delete;
    ~Machine() {
        if (holds_) lock_->release();
    }

    bool step() {
        try {
            return go_on();
        } catch (const CancelledError& e) {
            log_("cancelled" + std::string(e.message()));
            throw;
        }
    }
    int result() const { return value_; }

    static constexpr unsigned kTop = __LINE__;
    bool go_on() {
        switch (state_++) {
            case 0:
                log_("begins");
                acquire_.emplace(lock_->acquire());
                if (!begin_await(acquire_->start())) return false;
                ++state_;
                [[fallthrough]];
            case 1:
                end_await(acquire_->awaiter());
                holds_ = true;
                log_("acquired");
                sleep_.emplace(sleep(std::chrono::seconds(2)));
                if (!begin_await(sleep_->start())) return false;
                ++state_;
                [[fallthrough]];
            case 2:
                end_await(sleep_->awaiter());
                log_("slept");
                awaited_.emplace(std::move(future_));
                if (!begin_await(awaited_->start())) return false;
                [[fallthrough]];
            default:
                value_ = end_await(awaited_->awaiter());
                log_("ends");
                return true;
        }
    }
    static constexpr unsigned kFuture = 21;  // the line of its await, from kTop

private:
    template <class A>
    using Await = std::optional<aio::detail::HeldAwaitable<A>>;

    // Only to be pointed at: what it calls itself.
    static SourceLocation machine() { return SourceLocation::current(); }

    Lock* lock_;
    Future<int> future_;
    Log log_;
    int state_ = 0;
    int value_ = 0;
    bool holds_ = false;
    Await<decltype(std::declval<Lock&>().acquire())> acquire_;
    Await<decltype(sleep(std::chrono::seconds(2)))> sleep_;
    Await<Future<int>> awaited_;
};

inline Coro<int> machine(Lock& lock, Future<int> future, Machine::Log log) {
    return aio::detail::drive(Machine(lock, std::move(future), std::move(log)));
}

/// Awaits make() and gives what that gives.
template <class Make>
class AwaitsOnce final : public aio::detail::TaskDriver {
    using Held = aio::detail::HeldAwaitable<std::invoke_result_t<Make&>>;
    using Result = std::remove_cvref_t<typename Held::Result>;

public:
    AwaitsOnce(Make make, SourceLocation at) : TaskDriver(at), make_(std::move(make)) {}
    AwaitsOnce(AwaitsOnce&& other) : TaskDriver(std::move(other)), make_(std::move(other.make_)) {}
    AwaitsOnce& operator=(AwaitsOnce&&) = delete;

    bool step() {
        if (held_) return true;
        held_.emplace(make_());
        return begin_await(held_->start(), function());
    }
    Result result() { return end_await(held_->awaiter()); }

private:
    Make make_;
    std::optional<Held> held_;
};

template <class Make>
auto awaits_once(Make make, SourceLocation at = SourceLocation::current()) {
    return aio::detail::drive(AwaitsOnce<Make>(std::move(make), at));
}

}  // namespace aio::tests
