// SPDX-License-Identifier: MIT
#include <aio/sync/barrier.hpp>
#include <aio/sync/condition.hpp>

#include <cstdint>

namespace aio {

/// asyncio's algorithm: every change of phase and every wait happens under the condition's lock, and
/// notifies everybody.
///
///   filling    tasks come in and wait
///   draining   all have come; they leave, newcomers wait outside
///   resetting  those inside leave with an error, newcomers wait outside
///   broken     whoever is inside or comes gets an error
class Barrier::State {
public:
    explicit State(std::size_t parties) noexcept : parties_(parties) {}

    static Coro<std::size_t> wait(Ref<State> self) {
        const auto guard = co_await self->condition_.guard();
        co_await self->condition_.wait_for(&State::is_open, self.get());
        if (self->phase_ == Phase::broken) throw BrokenBarrierError("Barrier aborted");
        const std::size_t index = self->count_++;
        const Leave leave(*self);
        if (index + 1 == self->parties_) {
            self->enter(Phase::draining);
        } else {
            co_await self->condition_.wait_for(&State::is_decided, self.get());
            if (self->phase_ != Phase::draining) throw BrokenBarrierError("Abort or reset of barrier");
        }
        co_return index;
    }
    static Coro<> reset(Ref<State> self) {
        const auto guard = co_await self->condition_.guard();
        self->enter(self->count_ > 0 ? Phase::resetting : Phase::filling);
    }
    static Coro<> abort(Ref<State> self) {
        const auto guard = co_await self->condition_.guard();
        self->enter(Phase::broken);
    }

    std::size_t parties() const noexcept { return parties_; }
    std::size_t n_waiting() const noexcept { return phase_ == Phase::filling ? count_ : 0; }
    bool broken() const noexcept { return phase_ == Phase::broken; }
    std::string describe() const {
        static constexpr const char* kNames[] = {"filling", "draining", "resetting", "broken"};
        std::string text = kNames[static_cast<std::size_t>(phase_)];
        if (broken()) return text;
        return text + ", waiters:" + std::to_string(n_waiting()) + "/" + std::to_string(parties_);
    }

    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

private:
    enum class Phase : std::uint8_t { filling, draining, resetting, broken };

    // The last one out opens the barrier for the next round.
    struct Leave {
        explicit Leave(State& barrier) noexcept : state(barrier) {}
        Leave(const Leave&) = delete;
        Leave& operator=(const Leave&) = delete;
        ~Leave() {
            if (--state.count_ > 0) return;
            state.enter(state.broken() ? Phase::broken : Phase::filling);
        }
        State& state;
    };

    bool is_open() const noexcept { return phase_ != Phase::draining && phase_ != Phase::resetting; }
    bool is_decided() const noexcept { return phase_ != Phase::filling; }
    void enter(Phase phase) noexcept {
        phase_ = phase;
        condition_.wake(static_cast<std::size_t>(-1));
    }

    Condition condition_;
    std::size_t parties_;
    std::size_t count_ = 0;  // tasks inside
    std::size_t refs_ = 1;
    Phase phase_ = Phase::filling;
};

Barrier::Barrier(std::ptrdiff_t parties) {
    if (parties < 1) throw ValueError("parties must be >= 1");
    state_ = Ref<State>::adopt(new State(static_cast<std::size_t>(parties)));
}

Barrier::~Barrier() = default;

Coro<std::size_t> Barrier::wait() { return State::wait(state_); }
Coro<> Barrier::reset() { return State::reset(state_); }
Coro<> Barrier::abort() { return State::abort(state_); }
Coro<> Barrier::aexit() { co_return; }

std::size_t Barrier::parties() const noexcept { return state_->parties(); }
std::size_t Barrier::n_waiting() const noexcept { return state_->n_waiting(); }
bool Barrier::broken() const noexcept { return state_->broken(); }

std::string Barrier::repr() const { return detail::primitive_repr("Barrier", this, state_->describe(), 0); }

}  // namespace aio
