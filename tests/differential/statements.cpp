// SPDX-License-Identifier: MIT
// Statements about tasks, futures and callbacks: the second half of interpreter.py's Core.
#include "interpreter.hpp"

#include <exception>

namespace aio::differential {
namespace {

bool caught_by(const std::string& kind, const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const CancelledError&) {
        return kind == "cancelled";
    } catch (const std::exception&) {
        return kind == "error";
    }
}

}  // namespace

void Interpreter::do_print(const Node& s) { print(s.text(1)); }

void Interpreter::do_spawn(const Node& s) { begin(loop_, s, 1); }

void Interpreter::do_cancel(const Node& s) {
    const Named* named = find(s.text(1));
    if (!named) return;
    const bool accepted = s.items.size() > 2 ? named->future.cancel(s.text(2)) : named->future.cancel();
    print("cancel", s.text(1), accepted);
}

void Interpreter::do_raise(const Node& s) { throw ValueError(s.text(1)); }

void Interpreter::do_cancelling(const Node&) {
    if (const AnyTask task = current_task()) print("cancelling", task.cancelling());
}

void Interpreter::do_uncancel(const Node&) {
    if (const AnyTask task = current_task()) print("uncancel", task.uncancel());
}

void Interpreter::do_future(const Node& s) {
    named_.push_back(Named{s.text(1), loop_.create_future<Value>(), false});
}

void Interpreter::do_set(const Node& s) {
    const Named* named = find(s.text(1));
    if (!named) return;
    try {
        named->future.set_result("<" + s.text(1) + ">");
        print("set", s.text(1));
    } catch (const InvalidStateError&) {
        print("set", s.text(1), "InvalidStateError");
    }
}

void Interpreter::do_fail(const Node& s) {
    const Named* named = find(s.text(1));
    if (!named) return;
    try {
        named->future.set_exception(ValueError(s.text(2)));
        print("fail", s.text(1));
    } catch (const InvalidStateError&) {
        print("fail", s.text(1), "InvalidStateError");
    }
}

void Interpreter::do_callback(const Node& s) {
    const Named* named = find(s.text(1));
    if (!named) return;
    named->future.add_done_callback([this, &s](const Future<Value>&) { callback(s, 2); });
}

void Interpreter::do_soon(const Node& s) {
    loop_.call_soon([this, &s] { callback(s, 1); });
}

void Interpreter::do_later(const Node& s) {
    loop_.call_later(ticks(s.text(1)), [this, &s] { callback(s, 2); });
}

void Interpreter::do_state(const Node& s) {
    if (const Named* named = find(s.text(1))) print("state", s.text(1), outcome(named->future));
}

Coro<> Interpreter::wait_sleep(const Node& s) {
    co_await sleep(ticks(s.text(1)));
    print("slept", s.text(1));
}

Coro<> Interpreter::wait_await(const Node& s) {
    const Named* named = find(s.text(1));
    if (!named) co_return;
    const Future<Value> future = named->future;
    const Value value = co_await future;
    print("awaited", value);
}

// (try (BODY) (catch KIND swallow|reraise STATEMENT...) (finally STATEMENT...)), clauses optional. C++ cannot
// wait in a handler: errors are caught, and thrown again at the end.
Coro<> Interpreter::wait_try(const Node& s) {
    const Node* handler = s.clause("catch");
    const Node* final = s.clause("finally");
    std::exception_ptr error;
    try {
        co_await block(s.items.at(1), 0);
    } catch (...) {
        error = std::current_exception();
    }
    if (error && handler && caught_by(handler->text(1), error)) {
        print("caught", describe(error));
        if (handler->text(2) == "swallow") error = nullptr;
        try {
            co_await block(*handler, 3);
        } catch (...) {
            error = std::current_exception();
        }
    }
    if (final) co_await block(*final, 1);
    if (error) std::rethrow_exception(error);
}

}  // namespace aio::differential
