// SPDX-License-Identifier: MIT
#include <aio/sync/condition.hpp>

namespace aio {

/// The wait for a notification. Stays in one of the condition's lists as long as wait() is under way, so
/// that wait() learns whether the condition, and perhaps the lock with it, is gone.
class Condition::Notified final : public detail::SyncWaiter {
public:
    explicit Notified(Condition& condition) noexcept : condition_(condition) {}
    ~Notified() { unlink(); }

    static bool await_ready() noexcept { return false; }
    void await_resume() {
        if (condition_gone()) {
            end();
            throw RuntimeError("Condition.wait(): destroyed when it was about to end");
        }
        move_to(condition_.returning_);
        end();
    }
    bool condition_gone() const noexcept { return orphaned(); }

    void check() override { condition_.loop_.check(condition_); }
    void enlist() noexcept override { condition_.waiting_.push_back(*this); }
    void leave() noexcept override { unlink(); }
    std::string describe() const override { return "Condition.wait"; }

private:
    void withdraw() noexcept override {
        if (!condition_gone()) move_to(condition_.leaving_);
    }
    void move_to(detail::WaiterList& list) noexcept {
        unlink();
        list.push_back(*this);
    }
    Condition& condition_;
};

Coro<bool> Condition::wait() {
    if (!locked()) throw RuntimeError("cannot wait on un-acquired lock");
    Notified notified(*this);
    notified.check();
    Lock& lock = *lock_;
    lock.release();
    std::exception_ptr error;
    try {
        co_await notified;
    } catch (...) {
        error = std::current_exception();
    }
    // Also when it was cancelled, and however often: the latest CancelledError counts.
    while (!notified.condition_gone()) {
        try {
            co_await lock.acquire();
            break;
        } catch (const CancelledError&) {
            error = std::current_exception();
        } catch (...) {
            error = std::current_exception();
            break;
        }
    }
    if (!error) co_return true;
    if (!notified.condition_gone()) wake(1);  // it may have been notified: others can make use of that
    std::rethrow_exception(std::move(error));
}

void Condition::notify(std::size_t n) {
    if (!locked()) throw RuntimeError("cannot notify on un-acquired lock");
    loop_.check_thread();
    wake(n);
}

void Condition::wake(std::size_t n) noexcept {
    for (; n > 0; --n) {
        detail::SyncWaiter* waiter = waiting_.front();
        if (!waiter) return;
        waiter->unlink();
        leaving_.push_back(*waiter);
        waiter->wake_up(loop_.get());
    }
}

std::string Condition::repr() const {
    return detail::primitive_repr("Condition", this, locked() ? "locked" : "unlocked",
                                  waiting_.size() + leaving_.size());
}

}  // namespace aio
