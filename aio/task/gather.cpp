// SPDX-License-Identifier: MIT
#include <aio/task/gather.hpp>

#include <functional>

namespace aio::detail {

// References: every child that is still pending, or done but not yet accounted for, holds one to the
// outer future, so a gather() whose handle was dropped still collects its children's errors.

void GatherChild::run() { owner_->child_done(*this); }

void GatherChild::discard() noexcept { owner_->child_lost(); }

void GatherPart::add_child(FutureBase& future) {
    if (GatherChild* same = find(future)) {
        arguments_[argument_count_++] = same;
        return;
    }
    GatherChild& child = children_[child_count_++];
    arguments_[argument_count_++] = &child;
    outer().add_ref();
    if (future.done()) {
        child.adopt_done(*this, future);
        done_children_.emplace(&future, &child);
    } else {
        child.watch(*this, future);
    }
}

// Nobody else registers with a future while the arguments are gone through, so a pending one that
// came before has our child as its last callback.
GatherChild* GatherPart::find(FutureBase& future) noexcept {
    if (future.done()) {
        const auto found = done_children_.find(&future);
        return found == done_children_.end() ? nullptr : found->second;
    }
    const CallbackNode* last = future.nodes().back();
    if (!last) return nullptr;
    const std::less<const Runnable*> before;
    const Runnable* target = last->target;
    if (before(target, children_.get()) || !before(target, children_.get() + child_count_)) return nullptr;
    return static_cast<GatherChild*>(last->target);
}

// Children that are done already count at once, without a turn of the loop.
void GatherPart::start() {
    if (child_count_ == 0) {
        deliver_results();
        return;
    }
    for (std::size_t i = 0; i < child_count_; ++i) {
        if (!children_[i].pending()) child_done(children_[i]);
    }
}

void GatherPart::child_done(GatherChild& child) {
    Ref<FutureBase> self = Ref<FutureBase>::adopt(&outer());  // the child's reference
    FutureBase& future = child.future();
    ++finished_;
    if (outer().done()) {
        future.mark_retrieved();
        return;
    }
    if (!collect_errors_ && (future.cancelled() || future.error())) {
        future.mark_retrieved();
        std::exception_ptr error = future.error();
        deliver_error(error ? error : std::make_exception_ptr(CancelledError()));
        return;
    }
    if (finished_ < child_count_) return;
    if (cancel_requested_) {
        std::exception_ptr error = future.cancelled() ? future.error() : nullptr;
        deliver_error(error ? error : std::make_exception_ptr(CancelledError()));
    } else {
        deliver_results();
    }
}

void GatherPart::child_lost() { outer().release(); }

bool GatherPart::cancel_children(const std::exception_ptr& cause) {
    bool any = false;
    for (std::size_t i = 0; i < child_count_; ++i) {
        if (children_[i].pending() && children_[i].future().cancel(cause)) any = true;
    }
    cancel_requested_ = cancel_requested_ || any;
    return any;
}

}  // namespace aio::detail
