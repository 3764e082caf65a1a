// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/base/detail/list.hpp>
#include <aio/loop/detail/fork.hpp>
#include <aio/loop/detail/poller.hpp>
#include <aio/loop/detail/uring_channel_impl.hpp>
#include <aio/loop/detail/uring_impl.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace aio::detail {

/// Waits by io_uring. What watches readiness goes through an epoll set inside, whose descriptor the ring
/// polls; stream sockets go through channels.
///
/// Rules:
/// 1. Channels that have something to submit queue up; poll() submits it with the wait, in one system call.
/// 2. The ring is the thread's that polls first. Another thread may go on while there are no channels.
/// 3. A forked child leaves the ring alone.
class UringPoller final : public Poller {
public:
    UringPoller();
    ~UringPoller() override;

    void add(IoWatch& watch, std::uint32_t interest) override { readiness_->add(watch, interest); }
    void modify(IoWatch& watch, std::uint32_t interest) override { readiness_->modify(watch, interest); }
    void remove(IoWatch& watch) noexcept override { readiness_->remove(watch); }
    int poll(Duration timeout) override;
    void shuffle(Shuffle& order) noexcept override;
    unsigned size() const noexcept override { return readiness_->size() + open_channels_; }
    void close() noexcept override;
    std::string_view name() const noexcept override { return "io_uring"; }
    int descriptor() const noexcept override { return ring_->descriptor(); }
    UringPoller* uring() noexcept override { return this; }

    // --- channels ---

    /// Throws OSError, std::bad_alloc, and RuntimeError in a forked child and in another thread (rule 2).
    UringChannel& open(int fd, UringClient& client);
    /// From now on its client hears nothing more, and what was not sent is dropped.
    void give_up(UringChannel& channel) noexcept;
    /// Ends the operations of what was given up, which have the socket open.
    void settle() noexcept;

private:
    friend class UringChannel;
    friend class UringPiece;
    struct Received {
        unsigned next;
        std::size_t from;
        std::size_t size;
    };

    Received& received(unsigned id) noexcept { return received_[id]; }
    BytesView data_of(unsigned id) const noexcept {
        return BytesView(ring_->buffer(id) + received_[id].from, received_[id].size);
    }
    void give_back(unsigned id) noexcept {
        if (!inherited()) ring_->give_back(id);
    }
    bool inherited() const noexcept { return generation_ != fork_generation; }

    void changed(UringChannel& channel) noexcept;
    bool submit_changes() noexcept;
    bool submit(UringChannel& channel) noexcept;
    bool submit_cancel(UringChannel& channel, UringChannel::Running& running,
                       UringChannel::Operation which) noexcept;
    bool submit_readiness() noexcept;
    void enter(Duration timeout);
    void take_over();

    bool reap() noexcept;
    void completed(std::uint64_t tag, int result, std::uint32_t flags) noexcept;
    void receive_completed(UringChannel& channel, int result, std::uint32_t flags) noexcept;
    void send_completed(UringChannel& channel, int result) noexcept;
    void cancel_completed(UringChannel& channel, int result) noexcept;
    void check_process() const;
    void tell(UringChannel& channel, void (UringClient::*event)() noexcept) noexcept;
    void tell_shuffled() noexcept;
    void drop_if_done(UringChannel& channel) noexcept;

    struct Event {
        UringChannel* channel;
        void (UringClient::*what)() noexcept;
    };

    std::unique_ptr<Uring> ring_;
    std::unique_ptr<Poller> readiness_;
    const unsigned generation_ = fork_generation;
    bool watching_readiness_ = false;
    bool any_ready_ = false;
    unsigned open_channels_ = 0;
    int events_ = 0;
    UringChannel* first_changed_ = nullptr;
    UringChannel* last_changed_ = nullptr;
    Shuffle* order_ = nullptr;
    std::vector<Event> shuffled_;
    List<UringChannel> channels_;
    List<UringChannel> given_up_channels_;  ///< with operations in flight
    std::array<Received, Uring::kBuffers> received_{};
};

}  // namespace aio::detail
