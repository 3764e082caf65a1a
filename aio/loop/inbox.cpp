// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/inbox.hpp>

#include <sys/eventfd.h>
#include <unistd.h>
#include <cerrno>
#include <cstdint>

namespace aio {
namespace {

// Marks the stack of a closed loop; never dereferenced.
detail::PostedItem* closed_mark() noexcept {
    static char mark;
    return reinterpret_cast<detail::PostedItem*>(&mark);
}

detail::PostedItem* reversed(detail::PostedItem* newest_first) noexcept {
    detail::PostedItem* oldest_first = nullptr;
    while (newest_first) {
        detail::PostedItem* next = newest_first->next_posted;
        newest_first->next_posted = oldest_first;
        oldest_first = newest_first;
        newest_first = next;
    }
    return oldest_first;
}

}  // namespace

Inbox::Inbox(Poller& poller) : IoWatch(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (fd < 0) raise_os_error(errno, "eventfd");
    try {
        poller.add(*this, io::readable | io::edge);
    } catch (...) {
        ::close(fd);
        throw;
    }
}

Inbox::~Inbox() { ::close(fd); }

bool Inbox::post(detail::PostedItem& item) noexcept {
    detail::PostedItem* top = top_.load(std::memory_order_relaxed);
    do {
        if (top == closed_mark()) return false;
        item.next_posted = top;
    } while (!top_.compare_exchange_weak(top, &item));
    if (asleep_.load() && asleep_.exchange(false)) wake();
    return true;
}

void Inbox::wake() noexcept {
    const std::uint64_t one = 1;
    // EAGAIN would mean 2^64 - 1 unread wake-ups; the edge was given long before.
    [[maybe_unused]] const auto written = ::write(fd, &one, sizeof one);
}

void Inbox::collect(ReadyQueue& ready) {
    if (empty()) return;
    detail::PostedItem* item = reversed(top_.exchange(nullptr, std::memory_order_acquire));
    while (item) {
        detail::PostedItem* after = item->next_posted;
        ready.push(*item);
        item = after;
    }
}

void Inbox::close() noexcept {
    detail::PostedItem* item = reversed(top_.exchange(closed_mark(), std::memory_order_acquire));
    while (item) {
        detail::PostedItem* after = item->next_posted;
        item->discard();
        item = after;
    }
}

}  // namespace aio
