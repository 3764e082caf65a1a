// SPDX-License-Identifier: MIT
// Statements that are scopes: task groups, exit stacks and async generators that are closed. scopes.py.
#include "interpreter.hpp"

#include <exception>

namespace aio::differential {

// (group ((NAME STATEMENT...)...) STATEMENT...): tasks of the group, and its body.
Coro<> Interpreter::wait_group(const Node& s) {
    auto inside = [this, &s](TaskGroup& group) -> Coro<> {
        for (const Node& child : s.items.at(1).items) begin(group, child, 0);
        co_await block(s, 2);
    };
    co_await async_with(TaskGroup(), inside);
    print("group ends");
}

// (stack (EXIT...) STATEMENT...): an exit is (lock), (semaphore), (call STATEMENT...), or
// (exit swallow|pass STATEMENT...), which is told the error.
Coro<> Interpreter::wait_stack(const Node& s) {
    auto inside = [this, &s](AsyncExitStack& stack) -> Coro<> {
        for (const Node& exit : s.items.at(1).items) co_await push(stack, exit);
        co_await block(s, 2);
    };
    co_await async_with(AsyncExitStack(), inside);
    print("stack left");
}

Coro<> Interpreter::push(AsyncExitStack& stack, const Node& exit) {
    const std::string& kind = exit.text(0);
    if (kind == "lock") {
        co_await stack.enter_async_context(lock_);
        print("locked");
    } else if (kind == "semaphore") {
        co_await stack.enter_async_context(semaphore_);
        print("permit");
    } else if (kind == "call") {
        stack.push_async_callback([this, &exit]() -> Coro<> { co_await block(exit, 1); });
    } else {
        stack.push_async_exit([this, &exit](std::exception_ptr error) -> Coro<bool> {
            print("exit", error ? describe(error) : "None");
            co_await block(exit, 2);
            co_return exit.text(1) == "swallow";
        });
    }
}

// (generator (STATEMENT...) STATEMENT...): yields after each of the first, runs the others for each item.
Coro<> Interpreter::wait_generator(const Node& s) {
    auto inside = [this, &s](AsyncGenerator<std::size_t>& all) -> Coro<> {
        while (auto item = co_await all.next()) {
            print("item", *item);
            co_await block(s, 2);
        }
    };
    co_await async_with(aclosing(items(s.items.at(1))), inside);
    print("generator closed");
}

AsyncGenerator<std::size_t> Interpreter::items(const Node& body) {
    std::exception_ptr error;
    try {
        for (std::size_t place = 0; place < body.items.size(); ++place) {
            co_await one(body.items[place]);
            co_yield place;
        }
    } catch (...) {
        error = std::current_exception();
    }
    print("generator ends");
    co_await sleep(Duration::zero());
    print("generator left");
    if (error) std::rethrow_exception(error);
}

}  // namespace aio::differential
