// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/inspect/deadlock.hpp>
#include <aio/inspect/task_tree.hpp>
#include <aio/loop/loop_parts_impl.hpp>

namespace aio {

void set_on_deadlock(EventLoop& loop, OnDeadlock action) noexcept {
    loop.parts().on_deadlock = static_cast<std::uint8_t>(action);
    loop.parts().deadlock_reported = false;
}

OnDeadlock get_on_deadlock(EventLoop& loop) noexcept {
    return static_cast<OnDeadlock>(loop.parts().on_deadlock);
}

std::string detail::deadlock_text(const std::string& found, EventLoop& loop) {
    std::string text = "deadlock: " + found + '\n' + format_task_tree(loop);
    text.pop_back();  // a message has no line end, with or without a tree
    return text;
}

void detail::handle_deadlock(EventLoop& loop) {
    LoopParts& parts = loop.parts();
    const OnDeadlock action = get_on_deadlock(loop);
    const std::size_t count = parts.task_count;
    if (count == 0 || action == OnDeadlock::ignore) return;
    if (action == OnDeadlock::stop) loop.stop();
    const bool throws = action == OnDeadlock::raise;
    if (!throws && std::exchange(parts.deadlock_reported, true)) return;
    const std::string text =
        deadlock_text(std::to_string(count) + (count == 1 ? " task waits" : " tasks wait") +
                          " for what only another thread could bring",
                      loop);
    if (throws) throw DeadlockError(text);
    log(LogLevel::warning, text);
}

}  // namespace aio
