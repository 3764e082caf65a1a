// SPDX-License-Identifier: MIT
// Statements about a lock, an event and a queue for one item, which all tasks share, and about groups:
// sync.py.
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

// (group ((NAME STATEMENT...)...) STATEMENT...): tasks of the group, and its body.
Coro<> Interpreter::wait_group(const Node& s) {
    auto inside = [this, &s](TaskGroup& group) -> Coro<> {
        for (const Node& child : s.items.at(1).items) {
            const std::string& name = child.text(0);
            named_.push_back(Named{name, group.create_task(body(name, child, 1), name), true});
        }
        co_await block(s, 2);
    };
    co_await async_with(TaskGroup(), inside);
    print("group ends");
}

}  // namespace aio::differential
