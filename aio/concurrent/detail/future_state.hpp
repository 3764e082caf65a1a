// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/ref.hpp>
#include <aio/concurrent/detail/lock.hpp>
#include <aio/concurrent/error.hpp>

#include <atomic>
#include <exception>
#include <optional>
#include <string>
#include <typeinfo>
#include <utility>

namespace aio::concurrent::detail {

class FutureState;

/// A done callback. Exactly one of its functions is called, once, and takes over its ownership.
class Callback {
public:
    /// The future is done: in the thread that made it so, or at once. What it throws is logged.
    virtual void done(FutureState& future) = 0;
    /// The future is gone without ever having been done.
    virtual void drop() noexcept = 0;

    Callback* next = nullptr;      // in the future's list
    Callback* previous = nullptr;  // the same

protected:
    Callback() noexcept = default;
    Callback(const Callback&) = delete;
    Callback& operator=(const Callback&) = delete;
    ~Callback() = default;
};

/// One who collects finished futures: wait() and as_completed().
class Observer : public aio::detail::ListLink {
public:
    /// Called under the future's lock.
    virtual void finished(FutureState& future) noexcept = 0;

protected:
    ~Observer() = default;
};

/// State shared by the handles of one future, without its value.
///
/// Rules: (1) the state changes under the lock only, and a value is written before the state says so, so
/// that whoever has seen `finished` may read it without the lock; (2) who sleeps in wait_done() has
/// counted itself before it looked, and who finishes looks at the count after that; (3) callbacks run
/// outside of the lock, in the order of registration.
class FutureState {
public:
    enum class State : std::uint32_t { pending, running, cancelled, cancelled_and_notified, finished };

    FutureState(const FutureState&) = delete;
    FutureState& operator=(const FutureState&) = delete;

    bool cancel();
    bool cancelled() const noexcept { return is_cancelled(state()); }
    bool running() const noexcept { return state() == State::running; }
    bool done() const noexcept { return is_done(state()); }

    bool set_running_or_notify_cancel();
    /// Its first half: false, and nothing is changed, unless the future is pending.
    bool set_running() noexcept;
    void set_exception(std::exception_ptr error);

    /// Sleeps until the future is done; false if `timeout` passed before.
    bool wait_done(const std::optional<Duration>& timeout);
    /// Waits, and throws whatever stands in the way of a value.
    void check_result(const std::optional<Duration>& timeout);
    /// Waits, and gives the error or null.
    std::exception_ptr exception(const std::optional<Duration>& timeout);
    /// Of a future that is done.
    const std::exception_ptr& error() const noexcept { return error_; }

    void add_callback(Callback& callback);
    /// Gives a callback back to the caller; false if it has been called, or is about to be.
    bool remove_callback(Callback& callback) noexcept;

    /// Makes `observer` learn of the end; false if it has come already, in wait()'s sense: a cancelled
    /// future counts only when its executor has noticed.
    bool observe(Observer& observer);
    void forget(Observer& observer) noexcept;

    std::string repr() const;

    void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
    }
    bool shared() const noexcept { return refs_.load(std::memory_order_acquire) > 1; }

protected:
    FutureState() noexcept = default;
    virtual ~FutureState();

    /// Locks a future that can still be finished; throws InvalidStateError for others.
    void begin_settle();
    void abort_settle() noexcept { lock_.unlock(); }
    /// Ends what begin_settle() began: finished.
    void end_settle() noexcept;

private:
    static bool is_cancelled(State state) noexcept {
        return state == State::cancelled || state == State::cancelled_and_notified;
    }
    static bool is_done(State state) noexcept { return state != State::pending && state != State::running; }
    State state() const noexcept { return State{state_.load(std::memory_order_acquire)}; }
    void set_state(State state) noexcept { state_.store(static_cast<std::uint32_t>(state)); }
    void announce() noexcept;
    void notify_observers() noexcept;
    void call(Callback& callback) noexcept;
    virtual const std::type_info& value_type() const noexcept = 0;
    virtual void destroy() noexcept = 0;

    std::atomic<std::uint32_t> refs_{1};
    std::atomic<std::uint32_t> state_{0};
    std::atomic<std::uint32_t> sleepers_{0};
    Lock lock_;
    Callback* first_callback_ = nullptr;
    Callback* last_callback_ = nullptr;
    aio::detail::List<Observer> observers_;
    std::exception_ptr error_;
};

/// A future's state with room for its value.
template <class T>
class FutureValue : public FutureState {
public:
    template <class... Args>
    void set_result(Args&&... args) {
        if constexpr (kNeedsUserCode<Args...>) {
            // Copies and conversions are the user's code, which may come back to the future: not under its
            // lock.
            T value(std::forward<Args>(args)...);
            settle_with(std::move(value));
        } else {
            settle_with(std::forward<Args>(args)...);
        }
    }
    /// Of a future that has one.
    T& value() noexcept { return *value_; }

private:
    template <class... Args>
    static constexpr bool kNeedsUserCode =
        std::is_move_constructible_v<T> && !std::is_trivially_constructible_v<T, Args...> &&
        !(std::is_same_v<T, Args> && ...);

    template <class... Args>
    void settle_with(Args&&... args) {
        begin_settle();
        try {
            value_.emplace(std::forward<Args>(args)...);
        } catch (...) {
            abort_settle();
            throw;
        }
        end_settle();
    }
    const std::type_info& value_type() const noexcept final { return typeid(T); }
    std::optional<T> value_;
};

template <>
class FutureValue<void> : public FutureState {
public:
    void set_result() {
        begin_settle();
        end_settle();
    }

private:
    const std::type_info& value_type() const noexcept final { return typeid(void); }
};

template <class T>
class PlainFuture final : public FutureValue<T> {
private:
    void destroy() noexcept override { delete this; }
};

}  // namespace aio::concurrent::detail
