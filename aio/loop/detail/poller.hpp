// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/time.hpp>

#include <cstdint>
#include <string_view>

namespace aio::detail {

class Shuffle;
class UringPoller;

/// Readiness of a descriptor, as a set of bits.
namespace io {
inline constexpr std::uint32_t readable = 1;
inline constexpr std::uint32_t writable = 2;
inline constexpr std::uint32_t peer_closed = 4;  ///< nothing more will come: read to the end now
inline constexpr std::uint32_t hangup = 8;       ///< both directions are shut
inline constexpr std::uint32_t error = 16;
/// Interest only: report each change once (edge-triggered) instead of as long as it holds.
inline constexpr std::uint32_t edge = 32;
/// Besides readable, and only with edge: there is urgent data (MSG_OOB), in front of which a read stops
/// short.
inline constexpr std::uint32_t urgent = 64;
}  // namespace io

/// One descriptor registered with a poller. Whoever owns it keeps it alive while it is registered.
class IoWatch : public ListLink {
public:
    explicit IoWatch(int descriptor = -1) noexcept : fd(descriptor) {}

    /// Events arrived. Called while polling, so it only queues work; it must not run user code nor
    /// register or remove descriptors.
    virtual void on_events(std::uint32_t events) noexcept = 0;

    /// The loop closes: the descriptor is no longer registered and will never be.
    virtual void on_loop_closed() noexcept {}

    int fd;
    std::uint32_t interest = 0;  ///< what it is registered for; kept by the poller

protected:
    ~IoWatch() = default;
};

/// Waits for descriptors. The loop's only contact with epoll and io_uring.
class Poller {
public:
    virtual ~Poller() = default;

    /// Starts watching `watch.fd` for `interest` (io:: bits). Throws OSError.
    virtual void add(IoWatch& watch, std::uint32_t interest) = 0;
    /// Changes the interest of a registered watch. Throws OSError.
    virtual void modify(IoWatch& watch, std::uint32_t interest) = 0;
    /// Stops watching; harmless if it is not registered, and if its descriptor was closed and the number has
    /// another owner by now.
    virtual void remove(IoWatch& watch) noexcept = 0;

    /// Waits until something happens or `timeout` has passed (negative: for ever; zero: only looks),
    /// then calls on_events() of every ready watch. Returns how many there were; 0 also when a signal
    /// interrupted it.
    virtual int poll(Duration timeout) = 0;

    /// From now on calls on_events() of what one poll finds ready in the order that `order` decides.
    virtual void shuffle(Shuffle& order) noexcept = 0;

    /// How many watches are registered.
    virtual unsigned size() const noexcept = 0;

    /// Removes every watch, calling on_loop_closed() of each.
    virtual void close() noexcept = 0;

    virtual std::string_view name() const noexcept = 0;

    /// The descriptor that it waits by. It may become another one.
    virtual int descriptor() const noexcept = 0;

    /// Itself, if it can receive and send besides watching.
    virtual UringPoller* uring() noexcept { return nullptr; }
};

/// Makes a poller by name: "epoll", "io_uring", or "" for the default, which is epoll unless environment
/// variable AIO_POLLER chooses. Where io_uring is refused it is epoll, which is logged once. Throws
/// ValueError for an unknown name and OSError if the kernel refuses.
std::unique_ptr<Poller> make_poller(std::string_view name = "");

}  // namespace aio::detail
