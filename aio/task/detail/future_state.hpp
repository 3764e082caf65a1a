// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/repr.hpp>
#include <aio/base/detail/traceback_table.hpp>
#include <aio/base/error.hpp>
#include <aio/base/pool.hpp>
#include <aio/base/ref.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/task/detail/callback_list.hpp>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>

namespace aio::detail {

class CancelFanout;
class TaskState;

/// State shared by the handles of one future, without its value.
class FutureBase {
public:
    enum class State : std::uint8_t { pending, cancelled, finished };

    FutureBase(const FutureBase&) = delete;
    FutureBase& operator=(const FutureBase&) = delete;

    bool done() const noexcept { return state_ != State::pending; }
    bool cancelled() const noexcept { return state_ == State::cancelled; }
    State state() const noexcept { return state_; }
    EventLoop& loop() const noexcept { return *loop_; }

    /// Cancels, or forwards the request; false if already done. `cause`: null or a CancelledError.
    virtual bool cancel(const std::exception_ptr& cause);

    /// The error, null for a value; throws CancelledError or InvalidStateError. Counts as looking.
    std::exception_ptr exception();
    /// Throws whatever stands in the way of a value, into the coroutine that awaits at `at`. Counts as
    /// looking.
    void check_result(SourceLocation at = SourceLocation()) {
        if (state_ != State::finished || error_) [[unlikely]] {
            if (state_ != State::cancelled || loop_->get_debug()) raise(at);
            throw cancelled_error();  // here: see TaskState::resumed()
        }
    }
    /// The error without any check, for those who know the state.
    const std::exception_ptr& error() const noexcept { return error_; }
    void mark_retrieved() noexcept { log_exception_ = false; }
    /// Its death will not be reported.
    void mark_reported() noexcept { died_ = true; }
    /// Somebody else tells if it dies pending: that will not be reported (asyncio's _log_destroy_pending).
    void mark_answered_for() noexcept { answered_for_ = true; }
    bool answered_for() const noexcept { return answered_for_; }

    void set_exception(std::exception_ptr error);

    /// Registers `node`; if the future is done its target is queued at once.
    void add_node(CallbackNode& node);
    /// Takes a registration back; harmless once it is queued.
    void remove_node(CallbackNode& node) noexcept { nodes_.remove(node); }
    CallbackList& nodes() noexcept { return nodes_; }
    const CallbackList& nodes() const noexcept { return nodes_; }

    virtual TaskState* as_task() noexcept { return nullptr; }
    virtual CancelFanout* as_fanout() noexcept { return nullptr; }
    virtual std::string repr() const;
    /// The parts of repr(): the value, the error or result with its label, and the callbacks.
    virtual std::string result_repr() const;
    std::string outcome_repr() const;
    std::string callbacks_repr() const;

    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) last_reference_gone();
    }
    bool shared() const noexcept { return refs_ > 1; }

protected:
    explicit FutureBase(EventLoop& loop) noexcept : loop_(&loop) {}
    virtual ~FutureBase();

    /// Called when nobody refers to the future any more; may report it, with a temporary reference.
    virtual void report_on_death() noexcept;
    /// Reports `type` + `what`, with this future as `key`.
    void report(const char* type, const char* what, const char* key,
                const std::exception_ptr& error) noexcept;
    virtual const char* kind() const noexcept { return "Future"; }
    /// For what settles it from outside: throws InvalidStateError if it is done, RuntimeError for a task's,
    /// and in debug mode in another thread than the loop's.
    void check_settable(const char* operation) {
        loop_->check_thread();
        if (done() || held_) [[unlikely]]
            raise_unsettable(operation);
    }
    /// A task's: only the task settles it.
    void hold() noexcept { held_ = true; }
    /// While a value is made, by the user's constructors: they may come back to the future, and settle it
    /// otherwise, or drop the last handle.
    class Storing {
    public:
        explicit Storing(FutureBase& future) noexcept : future_(future) { future.held_ = true; }
        Storing(const Storing&) = delete;
        Storing& operator=(const Storing&) = delete;
        ~Storing() { future_.held_ = false; }

    private:
        FutureBase& future_;
    };
    void discard_callbacks() noexcept;
    void queue(CallbackNode& node) noexcept;
    void settle(State state) noexcept;
    void store_error(std::exception_ptr error, bool log) noexcept {
        error_ = std::move(error);
        log_exception_ = log;
        if (log) keep_traceback(this, error_);
    }
    std::exception_ptr take_error() noexcept { return std::exchange(error_, nullptr); }

private:
    friend class TaskState;
    [[noreturn, gnu::cold]] void raise(SourceLocation at);
    [[noreturn, gnu::cold]] void raise_unsettable(const char* operation);
    [[gnu::cold]] CancelledError cancelled_error() const noexcept;
    void last_reference_gone() noexcept;
    virtual void destroy() noexcept = 0;

    std::uint32_t refs_ = 1;
    State state_ = State::pending;
    bool log_exception_ = false;  ///< an error nobody has looked at
    bool died_ : 1 = false;       ///< report_on_death() was called; its handler may have kept a handle
    bool answered_for_ : 1 = false;
    bool held_ = false;  ///< a task's, or a Storing exists
    Ref<EventLoop> loop_;
    CallbackList nodes_;
    std::exception_ptr error_;  ///< the failure; while pending, the CancelledError to come
};

/// A future's state with room for its value.
template <class T>
class FutureValue : public FutureBase {
    using Stored = std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, T>;

public:
    template <class... Args>
    void set_result(Args&&... args) {
        check_settable("set_result");
        if constexpr (std::is_reference_v<T> || std::is_trivially_constructible_v<Stored, Args...>) {
            store(std::forward<Args>(args)...);
            settle(State::finished);
        } else {
            const Ref<FutureBase> keep(this);
            {
                const Storing scope(*this);
                store(std::forward<Args>(args)...);
            }
            check_settable("set_result");
            settle(State::finished);
        }
    }
    Stored& value() noexcept { return *value_; }
    std::string result_repr() const override {
        if constexpr (std::is_reference_v<T>) {  // what it refers to may be gone
            return repr_of(typeid(Stored));
        } else {
            return value_repr(*value_);
        }
    }

protected:
    using FutureBase::FutureBase;
    template <class... Args>
    void store(Args&&... args) {
        if constexpr (std::is_reference_v<T>) {
            value_.emplace(std::addressof(args)...);
        } else {
            value_.emplace(std::forward<Args>(args)...);
        }
    }

private:
    std::optional<Stored> value_;
};

template <>
class FutureValue<void> : public FutureBase {
public:
    void set_result() {
        check_settable("set_result");
        settle(State::finished);
    }

protected:
    using FutureBase::FutureBase;
};

/// A plain future.
template <class T>
class PlainFuture final : public FutureValue<T>, public pool::Pooled {
public:
    explicit PlainFuture(EventLoop& loop) noexcept : FutureValue<T>(loop) {}

private:
    void destroy() noexcept override { delete this; }
};

}  // namespace aio::detail
