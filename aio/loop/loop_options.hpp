// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/memory.hpp>
#include <aio/loop/clock.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace aio {
namespace detail {

/// Whether the environment asks for debug mode (AIO_DEBUG).
bool debug_from_environment() noexcept;
/// The seed that the environment gives (AIO_SHUFFLE), else 0.
std::uint64_t shuffle_from_environment() noexcept;

}  // namespace detail

/// How a loop is made.
class LoopOptions {
public:
    LoopOptions() : debug_(detail::debug_from_environment()), shuffle_(detail::shuffle_from_environment()) {}
    /// Debug mode; by default on if the environment has AIO_DEBUG=1.
    LoopOptions& debug(bool on) & {
        debug_ = on;
        return *this;
    }
    LoopOptions&& debug(bool on) && AIO_LIFETIME_BOUND { return std::move(this->debug(on)); }
    /// Poller by name: "epoll" or "io_uring"; by default epoll, or what the environment has in AIO_POLLER.
    /// Where the kernel refuses io_uring it is epoll, which is logged.
    LoopOptions& poller(std::string name) & {
        poller_ = std::move(name);
        return *this;
    }
    LoopOptions&& poller(std::string name) && AIO_LIFETIME_BOUND {
        return std::move(this->poller(std::move(name)));
    }
    /// Replaces the loop's time, as tests do.
    LoopOptions& clock(std::shared_ptr<Clock> clock) & {
        clock_ = std::move(clock);
        return *this;
    }
    LoopOptions&& clock(std::shared_ptr<Clock> clock) && AIO_LIFETIME_BOUND {
        return std::move(this->clock(std::move(clock)));
    }
    /// Whether what a callback or task step writes to a transport after its first write() is gathered and
    /// sent together when the step ends; on by default. WriteTransport::set_gather_writes() decides for one
    /// transport.
    LoopOptions& gather_writes(bool on) & {
        gather_writes_ = on;
        return *this;
    }
    LoopOptions&& gather_writes(bool on) && AIO_LIFETIME_BOUND { return std::move(this->gather_writes(on)); }
    /// With io_uring: whether small writes to stream sockets go out when the loop waits next, all of them in
    /// the system call that waits; off by default. It saves a system call per message, and gives up that the
    /// first write() of a step goes out at once: a step that then blocks until the peer answers blocks for
    /// ever. Not for transports that do not gather (gather_writes()). Without io_uring it changes nothing.
    LoopOptions& defer_writes(bool on) & {
        defer_writes_ = on;
        return *this;
    }
    LoopOptions&& defer_writes(bool on) && AIO_LIFETIME_BOUND { return std::move(this->defer_writes(on)); }
    /// Tests: puts what asyncio leaves open into an order that `seed` decides; 0, the default unless the
    /// environment has AIO_SHUFFLE=seed, keeps aio's own order. Varied are the order of descriptors that
    /// one poll finds ready, of timers with equal deadlines, of the sets that wait() gives, and of the
    /// cancellation of tasks by run() at its end. What asyncio promises (call_soon()) stays.
    LoopOptions& shuffle(std::uint64_t seed) & {
        shuffle_ = seed;
        return *this;
    }
    LoopOptions&& shuffle(std::uint64_t seed) && AIO_LIFETIME_BOUND { return std::move(this->shuffle(seed)); }

private:
    friend class EventLoop;
    bool debug_;
    bool gather_writes_ = true;
    bool defer_writes_ = false;
    std::uint64_t shuffle_;
    std::string poller_;
    std::shared_ptr<Clock> clock_;
};

}  // namespace aio
