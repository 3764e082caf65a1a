// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/time.hpp>
#include <aio/loop/detail/timer_heap.hpp>
#include <aio/net/detail/connect_operation.hpp>
#include <aio/task/waiter.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/socket_address.hpp>

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::detail {

/// What a ConnectRace runs over; refers to what the awaiting frame has.
struct ConnectPlan {
    /// In the order in which they are tried.
    std::vector<SocketAddress>& peers;
    /// Sockets are bound to the first of these that can be used; null for none.
    const std::vector<SocketAddress>* locals = nullptr;
    int proto = 0;
    /// As ConnectOptions::interleave(), for addresses that are found later.
    std::size_t interleave = 0;
    /// When the next attempt is started beside the one before; without a value when that has failed.
    std::optional<Duration> delay;
    /// For all of them.
    std::optional<Duration> limit;
};

/// The families in turn, after `first` of the first one, as in asyncio; 0 leaves them as they are.
std::vector<SocketAddress> interleaved(std::vector<SocketAddress> addresses, std::size_t first);

/// Connects to the first of several addresses that can be reached (RFC 8305), in the awaiting frame and
/// without tasks: so there is exactly one winner, nothing is started once there is one, and whoever is
/// cancelled leaves nothing behind.
///
/// Attempts begin in order: the next one when the last one that was started has failed, or the delay has
/// passed. With a limit and without a delay each gets an equal share of the time that is left, so that an
/// address from which nothing comes does not use up the others'.
///
/// With a delay it may begin while addresses are being looked up. IPv4's, if they are known first, wait 50 ms
/// for IPv6's; what is found later is tried next, in turn with what was not tried yet.
class ConnectRace final : public LeafWaiter {
public:
    ConnectRace(EventLoop& loop, const ConnectPlan& plan);
    ConnectRace(const ConnectRace&) = delete;
    ConnectRace& operator=(const ConnectRace&) = delete;
    ~ConnectRace();

    bool await_ready() {
        if (next_ == 0 && !expecting_) go_on();
        return failure_ || over();
    }
    template <std::derived_from<CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        begin(awaiter, line);
    }
    /// More addresses will be found(), until all_known(). Called before it is awaited.
    void expect_more() noexcept { expecting_ = true; }
    void found(std::vector<SocketAddress> more);
    void all_known();

    /// The socket that is connected; none if all attempts have failed.
    Socket await_resume() {
        end();
        if (failure_) std::rethrow_exception(failure_);
        return std::move(winner_);
    }
    /// Why they failed, in the order in which they were started.
    std::vector<std::exception_ptr> errors() const;

    std::string describe() const override;

private:
    class Attempt;
    struct Timer final : TimerNode {
        Timer(ConnectRace& owner, void (ConnectRace::*action)()) noexcept : race(owner), fn(action) {}
        void arm(Duration delay);
        void disarm() noexcept;
        void run() override {
            queued = false;
            (race.*fn)();
        }
        void discard() noexcept override { queued = false; }
        std::string repr() const override { return "<" + race.describe() + ">"; }
        ConnectRace& race;
        void (ConnectRace::*fn)();
        bool queued = false;  ///< armed, or due
    };

    void withdraw() noexcept override;
    bool over() const noexcept {
        return winner_ || (running_ == 0 && next_ == plan_.peers.size() && !expecting_);
    }
    /// Starts attempts until one is under way.
    void go_on();
    bool start_one();
    /// The same, in its time, after something has become known.
    void go_on_in_time();
    void settle(Attempt& attempt);
    template <class F>
    void in_callback(F&& fn) noexcept;
    void attempt_ended(Attempt& attempt);
    void delay_passed();
    void limit_passed();

    EventLoop& loop_;
    ConnectPlan plan_;
    TimePoint deadline_;
    TimePoint newest_began_;
    std::vector<std::unique_ptr<Attempt>> attempts_;
    std::size_t next_ = 0;
    std::size_t running_ = 0;
    bool expecting_ = false;
    Timer delay_{*this, &ConnectRace::delay_passed};
    Timer limit_{*this, &ConnectRace::limit_passed};
    Socket winner_;
    std::exception_ptr failure_;
};

}  // namespace aio::detail
