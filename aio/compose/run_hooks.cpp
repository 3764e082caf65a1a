// SPDX-License-Identifier: MIT
#include <aio/base/at_fork_impl.hpp>
#include <aio/compose/detail/run_hooks.hpp>
#include <aio/compose/run_signals_impl.hpp>
#include <aio/loop/loop_parts_impl.hpp>

#include <cstdlib>

namespace aio::detail {
namespace {

constinit aio::detail::Immortal<ListLink> take_overs;  // hooks are static objects of other sources

void release_hooks(EventLoop& loop) noexcept {
    while (ShutdownHook::take_last(loop)) {
    }
}

}  // namespace

TakeOver::TakeOver() noexcept { link_before(take_overs.value); }

void TakeOver::ask_all() {
    ListLink& head = take_overs.value;
    while (head.linked()) {
        auto& hook = static_cast<TakeOver&>(*head.next);
        hook.unlink();  // it may run loops of its own
        if (const std::optional<int> status = hook.take_over()) std::exit(*status);
    }
}

void ShutdownHook::add_to(EventLoop& loop, bool at_sigterm) {
    if (loop_) throw RuntimeError("the shutdown hook has been added already");
    loop.check_call();
    LoopParts& parts = loop.parts();
    parts.release_hooks = release_hooks;
    link_before(parts.shutdown_hooks);
    loop_ = &loop;
    at_sigterm_ = at_sigterm;
    try {
        if (parts.interrupts) parts.interrupts->hook_was_added();
    } catch (...) {
        remove();
        throw;
    }
}

void ShutdownHook::remove() noexcept {
    EventLoop* const loop = std::exchange(loop_, nullptr);
    if (!loop) return;
    unlink();
    if (at_sigterm_ && loop->parts().interrupts) loop->parts().interrupts->hook_was_removed();
}

ShutdownHook* ShutdownHook::take_last(EventLoop& loop) noexcept {
    ListLink& hooks = loop.parts().shutdown_hooks;
    if (!hooks.linked()) return nullptr;
    auto* const last = static_cast<ShutdownHook*>(hooks.prev);
    last->remove();
    return last;
}

bool ShutdownHook::wants_sigterm(EventLoop& loop) noexcept {
    const ListLink& hooks = loop.parts().shutdown_hooks;
    for (const ListLink* link = hooks.next; link != &hooks; link = link->next) {
        if (static_cast<const ShutdownHook*>(link)->at_sigterm_) return true;
    }
    return false;
}

}  // namespace aio::detail
