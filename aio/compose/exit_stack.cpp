// SPDX-License-Identifier: MIT
#include <aio/compose/exit_stack.hpp>

namespace aio {

// Objects go in their order.
detail::StackExits::~StackExits() {
    while (top_) delete std::exchange(top_, top_->below);
}

void detail::StackExits::push(StackExits single) noexcept {
    StackExit* exit = std::exchange(single.top_, nullptr);
    exit->below = std::exchange(top_, exit);
}

detail::StackExits detail::StackExits::pop() noexcept {
    StackExit* exit = std::exchange(top_, top_->below);
    exit->below = nullptr;
    return StackExits(exit);
}

Coro<> AsyncExitStack::aclose() { co_await aexit(nullptr); }

Coro<bool> AsyncExitStack::aexit(std::exception_ptr error) {
    std::exception_ptr pending = error;
    while (exits_.top()) {
        // Off the stack first: an exit may register others, and may be cancelled.
        const detail::StackExits exit = exits_.pop();
        try {
            const bool swallowed = co_await exit.top()->run(pending);
            if (swallowed) pending = nullptr;
        } catch (...) {
            pending = std::current_exception();
        }
    }
    if (pending && pending != error) std::rethrow_exception(pending);
    co_return error && !pending;
}

}  // namespace aio
