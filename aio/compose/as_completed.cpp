// SPDX-License-Identifier: MIT
#include <aio/compose/as_completed.hpp>

namespace aio::detail {

void Completions::start(const std::optional<Duration>& delay) {
    left_ = pending_ = count_;
    if (count_ > 0 && delay) {
        loop_.timers().push(timer_, loop_.deadline_after(*delay));
        ++uses_;
    }
    for (std::size_t i = 0; i < count_; ++i) {
        ++uses_;
        nodes_[i].owner = this;
        nodes_[i].future->add_node(nodes_[i].node);
    }
}

void Completions::completed(Node& node) {
    if (handles_ > 0 && pending_ > 0) {  // else nobody cares, or the time was up first
        if (--pending_ == 0) forget_timer();
        (last_ ? last_->next : first_) = &node;
        last_ = &node;
        wake_next();
    }
    drop();
}

void Completions::time_is_up() {
    if (handles_ > 0) {
        forget_pending();
        expired_ = std::exchange(pending_, 0);
        for (std::size_t i = 0; i < expired_; ++i) wake_next();
    }
    drop();
}

void Completions::abandon() noexcept {
    forget_timer();
    forget_pending();
    drop();
}

// Those that are done, with their turn still to come, keep this object for so long.
void Completions::forget_pending() noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
        if (!nodes_[i].node.linked()) continue;
        nodes_[i].future->remove_node(nodes_[i].node);
        --uses_;
    }
}

void Completions::forget_timer() noexcept {
    if (!timer_.armed()) return;  // or it is queued, and will find nothing to do
    loop_.timers().remove(timer_);
    --uses_;
}

Completions::Node* Completions::pop() noexcept {
    if (!first_) {
        --expired_;
        return nullptr;
    }
    Node* const node = first_;
    first_ = std::exchange(node->next, nullptr);
    if (!first_) last_ = nullptr;
    return node;
}

void Completions::wake_next() {
    CompletionWaiter* const waiter = waiters_.front();
    if (!waiter) return;
    waiter->unlink();
    waiter->wake_to_look();
}

FutureBase* Completions::Node::awaiter() noexcept {
    CompletionWaiter* waiter = owner->waiters_.front();
    return waiter ? &waiter->task()->future() : nullptr;
}

void CompletionWaiter::link() { from_->waiters_.push_back(*this); }

void CompletionWaiter::wake_to_look() {
    set_woken();
    EventLoop& loop = from_->loop();
    if (!loop.is_closed()) loop.ready().push(*this);
}

void CompletionWaiter::run() {
    if (!from_->available() && !task()->must_cancel()) {
        set_waiting();
        link();
        return;
    }
    task()->run();
}

// In the ready queue it stands for its task.
std::string CompletionWaiter::repr() const { return task()->future().repr(); }

Ref<FutureBase> CompletionWaiter::finish(SourceLocation at) {
    const bool was_woken = woken();
    try {
        end();
    } catch (...) {
        if (was_woken) pass_on();
        throw;
    }
    Completions::Node* const done = from_->pop();
    if (!done) throw_at(at, TimeoutError());
    return std::move(done->future);
}

// What it was woken for, and does not take, is there for the next one.
void CompletionWaiter::pass_on() {
    if (from_->available()) from_->wake_next();
}

// The frame is destroyed while it waits.
void CompletionWaiter::abandon() noexcept {
    if (waiting()) {
        unlink();
    } else {
        pass_on();
    }
}

}  // namespace aio::detail
