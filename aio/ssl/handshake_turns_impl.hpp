// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/loop/event_loop.hpp>

#include <chrono>

namespace aio::ssl::detail {

class TlsTransport;

/// Whose turn it is to shake hands on a loop.
///
/// A handshake takes as long as thousands of messages, and a crowd of clients sends its greetings all at
/// once. So the handshakes of one iteration share a little of it, and the rest stand in a line, of which each
/// poll lets one go on: what else is ready by then comes in between.
class HandshakeTurns {
public:
    /// While it lives, a step of a handshake is taken.
    class Step {
    public:
        explicit Step(const EventLoop& loop) noexcept : loop_(loop) {}
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;
        ~Step();

    private:
        const EventLoop& loop_;
        const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    };

    /// Whether the next step has to wait; then take_turn() is called, unless the loop is closed before.
    static bool must_wait(EventLoop& loop, TlsTransport& transport) noexcept;

    /// What they share; the first one of an iteration is never refused. Tests set it.
    static inline std::chrono::nanoseconds share = std::chrono::microseconds(500);

private:
    struct Line;
    struct Spent;
    static Spent& spent_in(const EventLoop& loop) noexcept;
    static void arm(const std::shared_ptr<Line>& line);
    static void move_on(const std::shared_ptr<Line>& line);
};

}  // namespace aio::ssl::detail
