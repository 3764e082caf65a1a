// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/source_location.hpp>
#include <aio/task/awaitable.hpp>
#include <aio/task/coro.hpp>

#include <concepts>
#include <coroutine>
#include <exception>
#include <type_traits>
#include <utility>

namespace aio::detail {

/// The base of what runs in the stead of a coroutine's body: a fiber, a state machine, the coroutine of
/// another language. drive() makes a Coro of it, so that it is whatever a coroutine can be: awaited, a task,
/// a member of a group.
///
/// A class D derived from it can be moved until its first step, and has
///
///     bool step();   // goes on until it has to wait, false, or has ended, true
///     T result();    // called once at the end: gives the value, or throws
///
/// What step() throws is the error that it fails with. It awaits anything that a coroutine can await:
///
///     if (!begin_await(awaiter)) return false;   // a fiber goes back to who called step()
///     use(end_await(awaiter));                   // at once, or first thing in the next step()
///
/// The awaiter stays where it is from the one to the other; D's destructor destroys it. Its await_suspend()
/// is called when step() has returned, because it may resume, or destroy, whom it is given.
class TaskDriver {
public:
    TaskDriver(TaskDriver&& other) noexcept : function_(other.function_) {}
    TaskDriver& operator=(TaskDriver&&) = delete;

    SourceLocation function() const noexcept { return function_; }

    /// Whether the await on which the last step ended may go on with another coroutine.
    bool transfers() const noexcept { return how_->transfer; }
    /// The await_suspend() of that await; false: it need not wait after all.
    bool suspend(std::coroutine_handle<CoroutineBase> self) noexcept;
    std::coroutine_handle<> transfer(std::coroutine_handle<CoroutineBase> self) noexcept;

protected:
    /// `function`: what reports call it.
    explicit TaskDriver(SourceLocation function) noexcept : function_(function) {}
    ~TaskDriver() {
        if (place_) place_.destroy();
    }

    /// Whether `awaiter` has its result already. `at` is shown as the place of the await.
    template <class Awaiter>
    bool begin_await(Awaiter& awaiter, SourceLocation at = SourceLocation::current()) {
        if (at.function_name() != at_.function_name()) enter(at);
        at_ = at;
        if (awaiter.await_ready()) return true;
        awaiter_ = &awaiter;
        how_ = &kAwaitSuspend<Awaiter>;
        return false;
    }
    template <class Awaiter>
    decltype(auto) end_await(Awaiter& awaiter) {
        if (refusal_) [[unlikely]]
            std::rethrow_exception(std::exchange(refusal_, nullptr));
        return resume_awaiter(awaiter, at_);
    }

private:
    using Self = std::coroutine_handle<CoroutineBase>;

    // One of both, as the awaiter's await_suspend() gives a coroutine or does not.
    struct AwaitSuspend {
        bool (*wait)(void* awaiter, Self self, unsigned line);
        std::coroutine_handle<> (*transfer)(void* awaiter, Self self, unsigned line);
    };
    template <class Awaiter>
    static decltype(auto) call_suspend(void* awaiter, Self self, [[maybe_unused]] unsigned line) {
        Awaiter& waits = *static_cast<Awaiter*>(awaiter);
        if constexpr (requires { waits.await_suspend(self, line); }) {
            return waits.await_suspend(self, line);
        } else {
            return waits.await_suspend(self);
        }
    }
    template <class Awaiter>
    static bool call_wait(void* awaiter, Self self, unsigned line) {
        if constexpr (std::is_void_v<decltype(call_suspend<Awaiter>(awaiter, self, line))>) {
            call_suspend<Awaiter>(awaiter, self, line);
            return true;
        } else {
            return call_suspend<Awaiter>(awaiter, self, line);
        }
    }
    template <class Awaiter>
    static std::coroutine_handle<> call_transfer(void* awaiter, Self self, unsigned line) {
        return call_suspend<Awaiter>(awaiter, self, line);
    }
    template <class Awaiter>
    static constexpr AwaitSuspend await_suspend_of() {
        using Given = decltype(call_suspend<Awaiter>(nullptr, Self(), 0));
        if constexpr (std::is_void_v<Given> || std::is_same_v<Given, bool>) {
            return {call_wait<Awaiter>, nullptr};
        } else {
            return {nullptr, call_transfer<Awaiter>};
        }
    }
    template <class Awaiter>
    static constexpr AwaitSuspend kAwaitSuspend = await_suspend_of<Awaiter>();

    void enter(SourceLocation at);
    Self shown(Self self) noexcept;

    SourceLocation function_;
    SourceLocation at_;
    bool elsewhere_ = false;  // `at_` is in another function
    void* awaiter_ = nullptr;
    const AwaitSuspend* how_ = nullptr;
    std::exception_ptr refusal_;  // what await_suspend() threw
    Coro<>::Frame place_;         // stands for the function that awaits, if that is another one
};

/// Suspends the coroutine that drives `D` as the await says on which its step ended.
class DriverWait {
public:
    explicit DriverWait(TaskDriver& driver) noexcept : driver_(driver) {}
    bool await_ready() const noexcept { return false; }
    template <std::derived_from<CoroutineBase> Promise>
    bool await_suspend(std::coroutine_handle<Promise> self) const noexcept {
        return driver_.suspend(std::coroutine_handle<CoroutineBase>::from_address(self.address()));
    }
    void await_resume() const noexcept {}

private:
    TaskDriver& driver_;
};
class DriverTransfer {
public:
    explicit DriverTransfer(TaskDriver& driver) noexcept : driver_(driver) {}
    bool await_ready() const noexcept { return false; }
    template <std::derived_from<CoroutineBase> Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
        return driver_.transfer(std::coroutine_handle<CoroutineBase>::from_address(self.address()));
    }
    void await_resume() const noexcept {}

private:
    TaskDriver& driver_;
};

template <class D>
auto run_driver(D driver) -> Coro<decltype(driver.result())> {
    while (!driver.step()) {
        if (driver.transfers()) {
            co_await DriverTransfer(driver);
        } else {
            co_await DriverWait(driver);
        }
    }
    co_return driver.result();
}

/// The coroutine that runs `driver`; it goes by the name of driver.function().
template <std::derived_from<TaskDriver> D>
auto drive(D driver) {
    const SourceLocation function = driver.function();
    auto coro = run_driver(std::move(driver));
    const auto frame = coro.release();
    frame.promise().set_location(function);
    return decltype(coro)(frame);
}

}  // namespace aio::detail
