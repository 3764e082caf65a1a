// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <cstddef>
#include <exception>
#include <utility>

namespace aio::detail {

class FutureBase;
class TaskState;

/// Tasks each of which waits for the next, and that are handing on a request; marked as doing so, by which
/// a circle is found. The marks go with it.
class CancelPath {
public:
    CancelPath() noexcept = default;
    CancelPath(CancelPath&& other) noexcept
        : first_(std::exchange(other.first_, nullptr)), last_(std::exchange(other.last_, nullptr)) {}
    CancelPath& operator=(CancelPath&& other) noexcept {
        std::swap(first_, other.first_);
        std::swap(last_, other.last_);
        return *this;
    }
    ~CancelPath() { clear(); }

    void add(TaskState& task) noexcept;
    void clear() noexcept;
    /// The innermost task, null if there is none.
    TaskState* last() const noexcept { return last_; }

private:
    TaskState* first_ = nullptr;
    TaskState* last_ = nullptr;
};

/// A future that stands for several and hands a request on to each of them: that of gather().
class CancelFanout {
protected:
    CancelFanout() noexcept = default;
    CancelFanout(const CancelFanout&) = delete;
    CancelFanout& operator=(const CancelFanout&) = delete;
    virtual ~CancelFanout() = default;

    /// One after the other; null for one that is gone.
    virtual FutureBase* cancel_target(std::size_t index) noexcept = 0;
    virtual std::size_t cancel_targets() const noexcept = 0;
    /// All were asked, and `any` of them took the request. Gives what the future's cancel() returns.
    virtual bool cancel_handed_on(bool any, const std::exception_ptr& cause) = 0;

private:
    friend class CancelChain;
    FutureBase* future_ = nullptr;  // while the request is with it
    CancelFanout* below_ = nullptr;
    CancelPath path_;  // between the one below and this
    std::size_t index_ = 0;
    bool any_ = false;
};

/// A request to cancel on its way inward: from a task to what it waits for, from there to what that waits
/// for. It goes in a loop, because programs have chains of a hundred thousand tasks, and keeps its place in
/// what it passes, so that it needs no memory.
class CancelChain {
public:
    /// The future's cancel() (S39, S45).
    static bool cancel(FutureBase& future, const std::exception_ptr& cause);
    /// Hands a request that `task` has itself to what it waits for, or keeps it if that takes none.
    static void forward(TaskState& task, const std::exception_ptr& cause);

private:
    explicit CancelChain(const std::exception_ptr& cause) noexcept : cause_(cause) {}
    CancelChain(const CancelChain&) = delete;
    CancelChain& operator=(const CancelChain&) = delete;
    ~CancelChain() {
        while (top_) pop();
    }

    bool finish(bool result);
    bool descend(FutureBase* future, CancelPath path);
    bool end(CancelPath& path, bool taken);
    bool leave();
    void push(CancelFanout& fanout, FutureBase& future, CancelPath&& path) noexcept;
    CancelPath pop() noexcept;

    const std::exception_ptr& cause_;
    CancelFanout* top_ = nullptr;  // the innermost that has not asked all of its futures yet
};

}  // namespace aio::detail
