// SPDX-License-Identifier: MIT
#include <aio/sync/semaphore.hpp>

namespace aio {

namespace detail {

void SemaphoreAcquire::check() { semaphore_->loop_.check(*semaphore_); }

void SemaphoreAcquire::enlist() noexcept { semaphore_->waiting_.push_back(*this); }

void SemaphoreAcquire::withdraw() noexcept {
    if (!linked()) return;
    unlink();
    semaphore_->leaving_.push_back(*this);
}

void SemaphoreAcquire::leave() noexcept {
    if (!linked()) return;
    unlink();
    if (woken()) {
        --semaphore_->granted_;
        ++semaphore_->value_;
    }
    semaphore_->wake_all_allowed();
}

void SemaphoreAcquire::dispose() noexcept {
    report_if_fresh("Semaphore.acquire");
    leave();
}

}  // namespace detail

Semaphore::Semaphore(std::ptrdiff_t value) : Semaphore(value, PTRDIFF_MAX) {}

Semaphore::Semaphore(std::ptrdiff_t value, std::ptrdiff_t bound) : value_(value), bound_(bound) {
    if (value < 0) throw ValueError("Semaphore initial value must be >= 0");
}

bool Semaphore::wake_next() {
    detail::SyncWaiter* next = waiting_.front();
    if (!next) return false;
    next->unlink();
    leaving_.push_back(*next);
    --value_;
    ++granted_;
    next->wake_up(loop_.get());
    return true;
}

void Semaphore::wake_all_allowed() {
    while (value_ > 0 && wake_next()) {
    }
}

void Semaphore::raise_too_many() { throw ValueError("BoundedSemaphore released too many times"); }

std::string Semaphore::repr() const {
    std::string state = "locked";
    if (!locked()) state = "unlocked, value:" + std::to_string(value_);
    return detail::primitive_repr(bound_ == PTRDIFF_MAX ? "Semaphore" : "BoundedSemaphore", this,
                                  std::move(state), waiting_.size() + leaving_.size());
}

}  // namespace aio
