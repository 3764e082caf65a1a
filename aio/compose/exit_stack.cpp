// SPDX-License-Identifier: MIT
#include <aio/compose/exit_stack.hpp>

namespace aio {

void detail::push_exit(StackExits& exits, Box<StackExit> exit) { exits.push_back(std::move(exit)); }

AsyncExitStack::~AsyncExitStack() {
    while (!exits_.empty()) exits_.pop_back();  // objects go in their order
}

Coro<> AsyncExitStack::aclose() { co_await aexit(nullptr); }

Coro<bool> AsyncExitStack::aexit(std::exception_ptr error) {
    std::exception_ptr pending = error;
    while (!exits_.empty()) {
        // Off the stack first: an exit may register others, and may be cancelled.
        const Box<detail::StackExit> exit = std::move(exits_.back());
        exits_.pop_back();
        try {
            const bool swallowed = co_await exit->run(pending);
            if (swallowed) pending = nullptr;
        } catch (...) {
            pending = std::current_exception();
        }
    }
    if (pending && pending != error) std::rethrow_exception(pending);
    co_return error && !pending;
}

}  // namespace aio
