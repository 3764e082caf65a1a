// SPDX-License-Identifier: MIT
#include <aio/concurrent/detail/loop_item.hpp>
#include <aio/loop/loop_handle.hpp>
#include <aio/loop/loop_parts_impl.hpp>

namespace aio::concurrent::detail {

void LoopItem::address(EventLoop& loop) noexcept { address(loop.handle()); }

void LoopItem::address(const LoopHandle& loop) noexcept {
    loop_ = loop.loop_or_gone();
    inbox_ = loop.inbox();
}

bool LoopItem::post() noexcept {
    // The item is not ours once it is posted, and the inbox perhaps nobody's.
    const Ref<aio::detail::Inbox> inbox = std::move(inbox_);
    // The inbox tells which loop it is: the address of one that is gone may be that of another by now.
    EventLoop* const running = aio::detail::here.loop;
    if (running && &running->inbox() == inbox.get()) {  // keeps the order with call_soon()
        running->ready().push(*this);
        return true;
    }
    return inbox->post(*this);
}

void LoopItem::enlist() {
    aio::detail::LoopParts& parts = loop_->parts();
    link_before(parts.thread_calls);
    parts.thread_call_count += brings_;
}

void LoopItem::delist() noexcept {
    unlink();
    loop_->parts().thread_call_count -= brings_;
}

void LoopItem::run() { arrive(); }

void LoopItem::discard() noexcept {
    if (linked()) detach();
    release();
}

}  // namespace aio::concurrent::detail
