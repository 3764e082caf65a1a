// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/ref.hpp>
#include <aio/base/source_location.hpp>
#include <aio/task/waiter.hpp>

#include <coroutine>
#include <string>
#include <utility>

namespace aio::detail {

struct ProcessState;

/// Counts references in the .cpp: what it refers to is not for users.
class ProcessRef {
public:
    ProcessRef() noexcept = default;
    explicit ProcessRef(ProcessState* state) noexcept;
    ProcessRef(const ProcessRef& other) noexcept : ProcessRef(other.state_) {}
    ProcessRef(ProcessRef&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    ProcessRef& operator=(ProcessRef other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~ProcessRef();
    ProcessState* get() const noexcept { return state_; }
    ProcessState* operator->() const noexcept { return state_; }
    ProcessState& checked(const char* call) const {
        if (!state_) raise_empty_handle(call);
        return *state_;
    }

private:
    ProcessState* state_ = nullptr;
};

/// Process::wait(). Lives in the awaiting frame and allocates nothing.
class [[nodiscard("nothing waits until this is awaited")]] WaitProcess final : public LeafWaiter,
                                                                               public ListLink {
public:
    explicit WaitProcess(ProcessRef process) noexcept : process_(std::move(process)) {}
    WaitProcess(WaitProcess&& other) noexcept  // before it is awaited
        : LeafWaiter(static_cast<LeafWaiter&&>(other)), ListLink(), process_(std::move(other.process_)) {}
    WaitProcess& operator=(WaitProcess&&) = delete;
    ~WaitProcess() { unlink(); }

    bool await_ready(SourceLocation at = SourceLocation::current()) const;
    template <std::derived_from<CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        begin(awaiter, line);
        join();
    }
    int await_resume();
    std::string describe() const override { return "Process.wait()"; }
    void wake_up() {
        unlink();
        wake();
    }

private:
    void join() noexcept;
    void withdraw() noexcept override { unlink(); }

    ProcessRef process_;
};

}  // namespace aio::detail
