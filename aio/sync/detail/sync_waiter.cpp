// SPDX-License-Identifier: MIT
#include <aio/sync/detail/sync_waiter.hpp>
#include <aio/sync/select.hpp>

#include <cstdio>

namespace aio::detail {

void BoundLoop::raise(const std::string& primitive) {
    throw RuntimeError(primitive + " is bound to a different event loop");
}

void SyncWaiter::wake_selector() {
    set_woken();
    selector_->branch_woken();
}

void SyncWaiter::finish_badly(const char* needs) {
    if (was_cancelled() || task()->must_cancel()) {
        leave();
        end();  // throws
    }
    if (orphaned_ && needs) {
        throw RuntimeError(std::string(needs) + "(): destroyed when it was about to end");
    }
    unlink();
}

void SyncWaiter::report_if_fresh(const char* what) const noexcept {
    if (fresh()) report_never_awaited(what);
}

void WaiterList::orphan_all() noexcept {
    while (SyncWaiter* waiter = front()) waiter->orphan();
}

std::string primitive_repr(const char* type, const void* object, std::string state, unsigned waiters) {
    char address[32];
    std::snprintf(address, sizeof address, "%p", object);
    if (waiters > 0) state += ", waiters:" + std::to_string(waiters);
    return "<aio::" + std::string(type) + " object at " + address + " [" + state + "]>";
}

}  // namespace aio::detail
