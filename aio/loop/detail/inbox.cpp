// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/detail/inbox.hpp>

#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace aio::detail {
namespace {

// Marks the stack of a closed loop; never dereferenced.
PostedItem* closed_mark() noexcept {
    static char mark;
    return reinterpret_cast<PostedItem*>(&mark);
}

PostedItem* reversed(PostedItem* newest_first) noexcept {
    PostedItem* oldest_first = nullptr;
    while (newest_first) {
        PostedItem* next = newest_first->next_posted;
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

bool Inbox::post(PostedItem& item) noexcept {
    if (inherited()) [[unlikely]]
        return false;
    PostedItem* top = top_.load(std::memory_order_relaxed);
    do {
        if (top == closed_mark()) return false;
        item.next_posted = top;
    } while (!top_.compare_exchange_weak(top, &item));
    if (asleep_.load() && asleep_.exchange(false)) wake();
    return true;
}

bool Inbox::refuses() const noexcept {
    return inherited() || top_.load(std::memory_order_acquire) == closed_mark();
}

void Inbox::wake() noexcept {
    const std::uint64_t one = 1;
    // EAGAIN would mean 2^64 - 1 unread wake-ups; the edge was given long before.
    [[maybe_unused]] const auto written = ::write(fd, &one, sizeof one);
}

void Inbox::collect(ReadyQueue& ready) {
    if (empty()) return;
    delivered_ = true;
    PostedItem* item = reversed(top_.exchange(nullptr, std::memory_order_acquire));
    while (item) {
        PostedItem* after = item->next_posted;
        ready.push(*item);
        item = after;
    }
}

// Rule 5. The clock tells whether others took the processor for longer than a series of posts takes.
void Inbox::let_others_run() noexcept {
    if (skip_ > 0) {
        --skip_;
        return;
    }
    constexpr Duration kLong = std::chrono::microseconds(100);
    const TimePoint start = TimePoint::clock::now();
    ::sched_yield();
    if (TimePoint::clock::now() - start < kLong) {
        to_skip_ = std::max(to_skip_ - to_skip_ / 8, kFewestSkipped);
    } else {
        skip_ = to_skip_;
        to_skip_ = std::min(4 * to_skip_, kMostSkipped);
    }
}

void Inbox::close() noexcept {
    PostedItem* item = reversed(top_.exchange(closed_mark(), std::memory_order_acquire));
    while (item) {
        PostedItem* after = item->next_posted;
        item->discard();
        item = after;
    }
}

}  // namespace aio::detail
