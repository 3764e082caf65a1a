// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/pool.hpp>
#include <aio/base/ref.hpp>
#include <aio/base/source_location.hpp>
#include <aio/loop/detail/poller.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/task/waiter.hpp>

#include <coroutine>
#include <cstdint>
#include <optional>
#include <string>

namespace aio {
class FdReady;
}

namespace aio::detail {

class FdWait;

/// The registration behind an AsyncFd, or behind the sock_ functions that wait on a descriptor.
///
/// Rules: (1) it is registered once, edge-triggered, and never modified; what an edge told stays in `ready_`
/// until somebody finds out that it holds no more, because there will be no second edge before; (2) each
/// event has a number, so that who looked before it cannot clear what it told; (3) an event wakes all who
/// wait for what it told, from the ready queue, and they look again; (4) the loop's table finds it by its
/// number; (5) it is there as long as anybody refers to it, and does nothing once it is closed.
class FdState final : public IoWatch, public Runnable, public pool::Pooled {
public:
    enum class Kind : std::uint8_t { borrowed, owning, on_demand };
    /// Registers. Throws ValueError for a negative descriptor, RuntimeError for one that is watched already,
    /// OSError for one that cannot be. An owning one is the caller's still if that fails.
    static Ref<FdState> make(EventLoop& loop, int descriptor, Kind kind);
    FdState(const FdState&) = delete;
    FdState& operator=(const FdState&) = delete;

    /// For who waits now and then: the registration there is, or one on demand. leave() follows.
    static Ref<FdState> join(EventLoop& loop, int descriptor);
    void leave() noexcept;

    std::uint32_t ready(std::uint32_t direction) const noexcept { return ready_ & direction; }
    /// The number of the newest event, and what it told of the end: io:: bits.
    std::uint32_t number() const noexcept { return number_; }
    std::uint32_t ends() const noexcept { return ends_; }
    /// The kernel had nothing to do in `direction` after event `number`.
    void clear(std::uint32_t direction, std::uint32_t number) noexcept {
        if (number == number_) ready_ &= ~direction;
    }
    /// Asks the kernel whether `direction` is ready now; keeps the answer.
    bool look(std::uint32_t direction) noexcept;

    EventLoop& loop() const noexcept { return *loop_; }
    bool closed() const noexcept { return closed_; }
    /// What stands in the way of waiting, thrown into the coroutine that awaits at `at`.
    void check_usable(const FdWait& wait, SourceLocation at) const;
    [[noreturn]] void raise_closed(const FdWait& wait, SourceLocation at) const;
    void add(FdWait& wait) noexcept;
    /// Ends all waits with an error, and the registration; then the descriptor, if it is owned.
    void close() noexcept;
    /// The same, but gives the descriptor up to the caller.
    int detach() noexcept;

    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

private:
    FdState(EventLoop& loop, int descriptor, Kind kind) noexcept
        : IoWatch(descriptor), loop_(&loop), kind_(kind) {}
    ~FdState() = default;

    void on_events(std::uint32_t events) noexcept override;
    void on_loop_closed() noexcept override;
    void run() override;
    void discard() noexcept override { queued_ = false; }
    std::string repr() const override;
    void register_again();
    void forget() noexcept;

    Ref<EventLoop> loop_;
    List<FdWait> waits_;
    std::uint32_t refs_ = 0;
    std::uint32_t users_ = 0;  ///< of one on demand
    std::uint32_t ready_ = 0;
    std::uint32_t number_ = 0;
    std::uint32_t ends_ = 0;
    const Kind kind_;
    bool queued_ = false;
    bool closed_ = false;
};

/// Waits until a descriptor is ready in one direction: io::readable, io::writable or io::urgent. Lives in the
/// awaiting frame and allocates nothing.
class [[nodiscard("nothing waits until this is awaited")]] FdWait final : public LeafWaiter,
                                                                          public ListLink,
                                                                          public TimerNode {
public:
    FdWait(Ref<FdState> state, std::uint32_t direction, const std::optional<Duration>& limit) noexcept
        : state_(std::move(state)), limit_(limit), direction_(direction) {}
    FdWait(FdWait&& other) noexcept  // before it is awaited
        : LeafWaiter(static_cast<LeafWaiter&&>(other)),
          ListLink(),
          TimerNode(),
          state_(std::move(other.state_)),
          limit_(other.limit_),
          direction_(other.direction_) {}
    FdWait& operator=(FdWait&&) = delete;
    ~FdWait();

    bool await_ready(SourceLocation at = SourceLocation::current());
    template <std::derived_from<CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        begin(awaiter, line);
        join();
    }
    FdReady await_resume(SourceLocation at = SourceLocation::current());
    std::string describe() const override;

    std::uint32_t direction() const noexcept { return direction_; }
    /// Ends the wait; without an event the descriptor is given up.
    void wake_up(bool event) noexcept;

private:
    void join();
    void leave() noexcept;
    void withdraw() noexcept override { leave(); }
    void run() override;  // the time is up
    void discard() noexcept override { scheduled_ = false; }

    Ref<FdState> state_;
    std::optional<Duration> limit_;
    std::uint32_t direction_;
    bool scheduled_ = false;  ///< armed or queued, and not run yet
    bool timed_out_ = false;
    bool given_up_ = false;  ///< the descriptor, by its owner
};

}  // namespace aio::detail
