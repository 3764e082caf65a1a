// SPDX-License-Identifier: MIT
#include <aio/sync/lock.hpp>

namespace aio {

namespace detail {

void LockAcquire::check() { lock_->loop_.check(*lock_); }

void LockAcquire::enlist() noexcept { lock_->waiters_.push_back(*this); }

void LockAcquire::leave() noexcept {
    if (!linked()) return;
    unlink();
    if (!lock_->locked_) lock_->wake_first();
}

void LockAcquire::dispose() noexcept {
    report_if_fresh("Lock.acquire");
    leave();
}

}  // namespace detail

bool Lock::all_cancelled() noexcept {
    bool all = true;
    waiters_.for_each([&](detail::SyncWaiter& waiter) { all = all && waiter.cancelled(); });
    return all;
}

void Lock::raise_not_acquired() { throw RuntimeError("Lock is not acquired."); }

std::string Lock::repr() const {
    return detail::primitive_repr("Lock", this, locked_ ? "locked" : "unlocked", waiters_.size());
}

}  // namespace aio
