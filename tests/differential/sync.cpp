// SPDX-License-Identifier: MIT
// Statements about one primitive of each kind, which all tasks share: sync.py.
#include "interpreter.hpp"

namespace aio::differential {

Coro<> Interpreter::wait_lock(const Node& s) {
    {
        auto guard = co_await lock_.guard();
        print("locked");
        co_await block(s, 1);
    }
    print("unlocked");
}

void Interpreter::do_event_set(const Node&) {
    event_.set();
    print("event set");
}

void Interpreter::do_event_clear(const Node&) {
    event_.clear();
    print("event cleared");
}

Coro<> Interpreter::wait_event_wait(const Node&) {
    co_await event_.wait();
    print("event");
}

void Interpreter::do_put_nowait(const Node& s) {
    try {
        queue_.put_nowait(s.text(1));
        print("put", s.text(1));
    } catch (const QueueFull&) {
        print("QueueFull");
    }
}

void Interpreter::do_get_nowait(const Node&) {
    try {
        print("got", queue_.get_nowait());
    } catch (const QueueEmpty&) {
        print("QueueEmpty");
    }
}

Coro<> Interpreter::wait_put(const Node& s) {
    co_await queue_.put(s.text(1));
    print("put", s.text(1));
}

Coro<> Interpreter::wait_get(const Node&) {
    const Value value = co_await queue_.get();
    print("got", value);
}

void Interpreter::do_task_done(const Node&) {
    queue_.task_done();
    print("task done");
}

Coro<> Interpreter::wait_join(const Node&) {
    co_await queue_.join();
    print("joined");
}

Coro<> Interpreter::wait_semaphore(const Node& s) {
    {
        auto permit = co_await semaphore_.guard();
        print("permit");
        co_await block(s, 1);
    }
    print("permit given back");
}

void Interpreter::do_release(const Node&) {
    semaphore_.release();
    print("released");
}

Coro<> Interpreter::wait_condition(const Node& s) {
    {
        auto guard = co_await condition_.guard();
        co_await condition_.wait();
        print("notified");
        co_await block(s, 1);
    }
    print("condition left");
}

Coro<> Interpreter::wait_notify(const Node& s) {
    auto guard = co_await condition_.guard();
    condition_.notify(static_cast<std::size_t>(std::stoi(s.text(1))));
    print("notifies");
}

Coro<> Interpreter::wait_barrier(const Node&) {
    const std::size_t place = co_await barrier_.wait();
    print("barrier", place);
}

Coro<> Interpreter::wait_barrier_reset(const Node&) {
    co_await barrier_.reset();
    print("barrier reset");
}

Coro<> Interpreter::wait_barrier_abort(const Node&) {
    co_await barrier_.abort();
    print("barrier aborted");
}

}  // namespace aio::differential
