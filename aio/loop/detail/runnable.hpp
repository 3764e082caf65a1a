// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <string>

namespace aio::detail {

class FutureBase;

/// What the ready queue holds: one thing to do in an iteration.
///
/// The queue does not own it. Whoever queues an object keeps it alive until run() or discard() is
/// called, exactly one of which happens for each time it was queued.
class Runnable {
public:
    /// Does the work. Only an ExitException may leave it.
    virtual void run() = 0;

    /// The loop is closing: the work will never be done.
    virtual void discard() noexcept {}

    /// Text for reports: "<Handle ...>", "<Task ...>".
    virtual std::string repr() const;

    /// Registered with a future to learn of its end: the task or future that goes on then, which is who
    /// waits for it; null for a plain callback. For reports.
    virtual FutureBase* awaiter() noexcept { return nullptr; }

protected:
    Runnable() noexcept = default;
    Runnable(const Runnable&) noexcept = default;
    Runnable& operator=(const Runnable&) noexcept = default;
    ~Runnable() = default;
};

}  // namespace aio::detail
