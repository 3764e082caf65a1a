// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/base/detail/list.hpp>
#include <aio/base/pool.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace aio::detail {

class UringPoller;

/// What a channel tells its owner. The first two are called while polling, so they only queue work.
class UringClient {
public:
    virtual void on_input() noexcept = 0;          ///< there is input, or its end
    virtual void on_output() noexcept = 0;         ///< what was deferred is sent, or the socket may take more
    virtual void on_poller_closed() noexcept = 0;  ///< the channel has to be given up

protected:
    ~UringClient() = default;
};

/// Something that was received. It has its memory until it is gone, whatever becomes of the channel.
class UringPiece {
public:
    UringPiece(UringPoller& poller, unsigned id, BytesView data) noexcept
        : poller_(&poller), id_(id), data_(data) {}
    UringPiece(std::string&& memory, std::size_t from) noexcept : memory_(std::move(memory)) {
        data_ = BytesView(memory_).subview(from);
    }
    UringPiece(const UringPiece&) = delete;
    UringPiece& operator=(const UringPiece&) = delete;
    ~UringPiece();

    BytesView data() const noexcept { return data_; }

private:
    friend class UringChannel;
    UringPoller* poller_ = nullptr;  ///< null: it has memory of its own
    unsigned id_ = 0;                ///< of the ring's buffer
    std::string memory_;
    BytesView data_;
};

/// A stream socket whose input an io_uring receives, and whose output it may send.
///
/// What the kernel may still touch belongs to the channel, not to its owner: a channel that was given up goes
/// when its last operation has ended.
class UringChannel final : public ListLink, public pool::Pooled {
public:
    // --- input ---

    bool has_input() const noexcept { return first_ != kNone || !held_.empty(); }
    /// How many of the ring's buffers hold it.
    unsigned buffers() const noexcept { return buffers_; }
    /// Nothing comes behind the input: `end()` is 0 or an errno.
    bool has_end() const noexcept { return end_ >= 0; }
    int end() const noexcept { return end_; }

    void start_reading() noexcept;
    void stop_reading() noexcept;
    UringPiece take() noexcept;
    /// What was not taken of the last piece stays the first.
    void put_back(UringPiece& piece, std::size_t taken) noexcept;
    /// Moves the input to memory of its own, because the ring's buffers are everybody's. Leaves it there if
    /// there is no memory.
    void hold() noexcept;
    void drop_input() noexcept;

    // --- output ---

    /// Calls back when the socket may take more.
    void wait_for_output() noexcept;
    /// What is deferred goes out with the next poll. Tells how much that is: there may be too much, no
    /// memory, or something on its way already.
    static constexpr std::size_t kMostDeferred = 16 * 1024;
    std::size_t defer(BytesView data) noexcept;
    bool has_output() const noexcept { return !output_.empty(); }
    /// Sends now what is deferred and not on its way: whether nothing is left, else errno.
    bool send_deferred() noexcept;
    /// The errno with which deferred output has failed; 0 if it has not.
    int error() const noexcept { return error_; }

private:
    friend class UringPoller;
    static constexpr unsigned kNone = ~0U;
    enum Operation : std::uint64_t { kReceive, kPoll, kSend, kCancel };
    struct Running {
        explicit operator bool() const noexcept { return in_flight; }
        bool in_flight = false;
        bool stopping = false;
    };

    UringChannel(UringPoller& poller, int fd, UringClient& client) noexcept
        : poller_(poller), fd_(fd), client_(&client) {}
    std::uint64_t tag(Operation operation) const noexcept {
        return reinterpret_cast<std::uintptr_t>(this) | operation;
    }
    bool in_flight() const noexcept { return receive_ || poll_ || send_ || cancels_ > 0; }
    void add_input(unsigned id, std::size_t size) noexcept;

    UringPoller& poller_;
    int fd_;
    UringClient* client_;  ///< null when it is given up
    unsigned first_ = kNone;
    unsigned last_ = kNone;
    unsigned buffers_ = 0;
    int end_ = -1;
    int error_ = 0;
    bool reading_ = false;
    bool wants_output_ = false;
    bool changed_ = false;  ///< there is something to submit
    UringChannel* next_changed_ = nullptr;
    Running receive_;
    Running poll_;
    Running send_;
    unsigned cancels_ = 0;  ///< in flight
    std::size_t held_from_ = 0;
    std::string held_;
    std::string output_;
};

}  // namespace aio::detail
