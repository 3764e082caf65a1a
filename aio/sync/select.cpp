// SPDX-License-Identifier: MIT
#include <aio/sync/select.hpp>

namespace aio::detail {

void Selector::start(std::coroutine_handle<> awaiter, SyncWaiter* const* branches, std::size_t count) {
    TaskState& task = current_task_or_throw();
    for (std::size_t i = 0; i < count; ++i) branches[i]->check();
    here.loop->timers().make_room(count);  // to enlist cannot fail
    begin(awaiter);
    branches_ = branches;
    count_ = count;
    active_ = true;
    for (std::size_t i = 0; i < count; ++i) branches[i]->begin_branch(*this, task);
}

void Selector::branch_woken() {
    if (!active_ || queued_) return;
    set_woken();
    EventLoop& loop = task()->future().loop();
    if (loop.is_closed()) return;
    loop.ready().push(*this);
    queued_ = true;
}

// Of the parts that stand in the ready queue the last one decides, so that none outlives the wait.
void Selector::look() {
    if (!active_ || queued_) return;
    for (std::size_t i = 0; i < count_; ++i) {
        if (branches_[i]->queued()) return;
    }
    if (!task()->must_cancel()) {
        std::size_t first = 0;
        while (first < count_ && !branches_[first]->decided()) ++first;
        if (first == count_) {
            for (std::size_t i = 0; i < count_; ++i) branches_[i]->wait_again();
            set_waiting();
            return;
        }
        chosen_ = first;
    }
    active_ = false;  // what the others pass on may come to this very wait
    set_woken();
    task()->run();
}

void Selector::finish(SyncWaiter* const* branches, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        if (i != chosen_) branches[i]->dismiss();
    }
    end();
}

// What stands in the ready queue has its turn before the task goes on, and finds that nobody waits.
void Selector::withdraw() noexcept {
    active_ = false;
    for (std::size_t i = 0; i < count_; ++i) branches_[i]->dismiss();
}

std::string Selector::repr() const { return task()->future().repr(); }

void SelectTimer::enlist() noexcept {
    loop_ = here.loop;
    const Duration delay = when().time_since_epoch();
    started_ = true;
    if (delay > Duration::zero()) {
        loop_->timers().push(*this, loop_->deadline_after(delay));
    } else {
        ran_ = true;
        wake_up(*loop_);
    }
}

void SelectTimer::stop() noexcept {
    if (loop_) loop_->timers().remove(*this);
}

void SelectTimer::run() {
    ran_ = true;
    if (waiting()) wake_up(*loop_);
}

void SelectFutureBase::check() {
    if (&future_->loop() == here.loop) return;
    throw RuntimeError("select() got Future " + future_->repr() + " attached to a different loop");
}

void SelectFutureBase::run() {
    ran_ = true;
    if (waiting()) {
        set_woken();
        selector()->look();
    }
}

}  // namespace aio::detail
