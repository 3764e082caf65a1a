// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/loop/detail/runnable.hpp>

#include <string>

namespace aio {
class EventLoop;
}

namespace aio::detail {

/// What has something to do when the callback or task step that runs now has ended.
class StepEndItem : public ListLink {
public:
    /// The step has ended. Only exceptions that end the loop may leave it.
    virtual void step_ended() = 0;
    /// For reports: "<writes of ...>".
    virtual std::string step_repr() const = 0;

protected:
    ~StepEndItem() = default;
};

/// The things to do when the running step has ended: queued in front of what is ready, so that a step without
/// any costs nothing.
class StepEnd final : public Runnable {
public:
    /// False if nothing runs in the loop, or there is no memory: then it has to be done now.
    bool add(EventLoop& loop, StepEndItem& item) noexcept;
    /// An exception that ends the loop has left the step.
    void step_failed(const EventLoop& loop) noexcept;

private:
    void run() override;
    void discard() noexcept override;
    std::string repr() const override;

    EventLoop* loop_ = nullptr;  ///< while it is queued
    List<StepEndItem> items_;
};

}  // namespace aio::detail
