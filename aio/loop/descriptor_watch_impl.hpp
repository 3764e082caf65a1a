// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/detail/poller.hpp>
#include <aio/loop/detail/ready_queue.hpp>
#include <aio/loop/handle.hpp>

namespace aio::detail {

/// A descriptor watched for the user: one reader and one writer callback, level-triggered (S14).
class DescriptorWatch final : public IoWatch {
public:
    DescriptorWatch(int descriptor, ReadyQueue& ready) noexcept : IoWatch(descriptor), ready_(ready) {}

    void on_events(std::uint32_t events) noexcept override {
        constexpr auto wakes_both = io::hangup | io::error;
        if (reader_ && (events & (io::readable | io::peer_closed | wakes_both))) queue(*reader_);
        if (writer_ && (events & (io::writable | wakes_both))) queue(*writer_);
    }

    /// The callback of `direction`, which is io::readable or io::writable.
    Ref<HandleState>& slot(std::uint32_t direction) noexcept {
        return direction == io::readable ? reader_ : writer_;
    }

    void cancel() noexcept {
        if (reader_) reader_->cancel();
        if (writer_) writer_->cancel();
    }

private:
    void queue(HandleState& handle) {
        handle.add_ref();  // the queue's
        ready_.push(handle);
    }
    ReadyQueue& ready_;
    Ref<HandleState> reader_;
    Ref<HandleState> writer_;
};

}  // namespace aio::detail
