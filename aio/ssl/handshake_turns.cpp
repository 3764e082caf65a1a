// SPDX-License-Identifier: MIT
#include <aio/ssl/handshake_turns_impl.hpp>
#include <aio/ssl/tls_transport_impl.hpp>

#include <cstdint>
#include <deque>
#include <utility>

namespace aio::ssl::detail {

/// Who waits on a loop, whose timer owns it: it goes with the loop.
struct HandshakeTurns::Line {
    explicit Line(EventLoop& of) : loop(of) {}
    EventLoop& loop;
    std::deque<Ref<TlsTransport>> waiting;
};

/// What handshakes have taken of this thread's iteration.
struct HandshakeTurns::Spent {
    const EventLoop* loop = nullptr;
    std::uint64_t iteration = 0;
    std::chrono::nanoseconds time{};
    std::weak_ptr<Line> line;
};

HandshakeTurns::Spent& HandshakeTurns::spent_in(const EventLoop& loop) noexcept {
    static thread_local Spent spent;
    if (spent.loop != &loop) spent = {&loop, 0, {}, {}};
    const std::uint64_t iteration = loop.stats().iterations;
    if (std::exchange(spent.iteration, iteration) != iteration) spent.time = {};
    return spent;
}

HandshakeTurns::Step::~Step() { spent_in(loop_).time += std::chrono::steady_clock::now() - begin_; }

bool HandshakeTurns::must_wait(EventLoop& loop, TlsTransport& transport) noexcept {
    Spent& spent = spent_in(loop);
    std::shared_ptr<Line> line = spent.line.lock();
    const bool idle = !line || line->waiting.empty();
    if (idle && (spent.time.count() == 0 || spent.time < share)) return false;
    bool listed = false;
    try {
        if (!line) line = std::make_shared<Line>(loop);
        line->waiting.emplace_back(&transport);
        listed = true;
        if (idle) arm(line);
    } catch (...) {  // out of memory: no reason to fail
        if (listed) line->waiting.pop_back();
        return false;
    }
    spent.line = line;
    return true;
}

// A timer, not call_soon(), because the loop polls before it calls what has become due since.
void HandshakeTurns::arm(const std::shared_ptr<Line>& line) {
    line->loop.call_later(line->waiting.front()->context(), Duration::zero(), [line] { move_on(line); });
}

void HandshakeTurns::move_on(const std::shared_ptr<Line>& line) {
    bool armed = false;
    while (!armed && !line->waiting.empty()) {
        const Ref<TlsTransport> next = std::move(line->waiting.front());
        line->waiting.pop_front();
        try {
            armed = !line->waiting.empty();
            if (armed) arm(line);
        } catch (...) {  // out of memory: nobody waits for a timer that is not there
            armed = false;
        }
        next->take_turn();
    }
}

}  // namespace aio::ssl::detail
