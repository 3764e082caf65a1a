// SPDX-License-Identifier: MIT
#include <aio/compose/wait.hpp>

#include <unordered_set>

namespace aio::detail {

TrivialVector<std::size_t> first_occurrences(const TrivialVector<const void*>& keys) {
    std::unordered_set<const void*> seen;
    TrivialVector<std::size_t> places;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (seen.insert(keys[i]).second) places.push_back(i);
    }
    return places;
}

void WaitWaiter::check_loop(const FutureBase& future) {
    if (&future.loop() == here.loop) return;
    throw RuntimeError("wait() got Future " + future.repr() + " attached to a different loop");
}

void WaitWaiter::start(std::coroutine_handle<> awaiter, std::size_t count) {
    current_task_or_throw();  // what is begun below can be undone only with a task
    nodes_ = new Node[count];
    unfinished_ = count;
    begin(awaiter);
    if (!options_.get_timeout()) return;
    EventLoop& loop = *here.loop;
    try {
        loop.timers().push(timeout_, loop.deadline_after(*options_.get_timeout()));
    } catch (...) {  // out of memory
        take_back();
        throw;
    }
}

// A turn after the future is done, as a done callback would.
void WaitWaiter::completed(FutureBase& future) {
    --unfinished_;
    const ReturnWhen when = options_.get_return_when();
    bool enough = unfinished_ == 0 || when == ReturnWhen::first_completed;
    if (!enough && when == ReturnWhen::first_exception && !future.cancelled()) {
        future.mark_retrieved();
        enough = future.error() != nullptr;
    }
    if (enough) finish();
}

void WaitWaiter::finish() {
    if (!waiting()) return;
    withdraw();
    wake();
}

// Nodes that are queued stay: they run before the task does, and find that nobody waits.
void WaitWaiter::withdraw() noexcept {
    for (std::size_t i = 0; i < used_; ++i) nodes_[i].unlink();
    task()->future().loop().timers().remove(timeout_);
}

// The frame is destroyed in mid-wait: here nothing may stay queued.
void WaitWaiter::abandon() noexcept {
    ReadyQueue& ready = task()->future().loop().ready();
    for (std::size_t i = 0; i < used_; ++i) {
        if (nodes_[i].queued()) ready.remove(nodes_[i]);
    }
    ready.remove(timeout_);
    withdraw();
    release_nodes();
}

void WaitWaiter::release_nodes() noexcept { delete[] std::exchange(nodes_, nullptr); }

}  // namespace aio::detail
