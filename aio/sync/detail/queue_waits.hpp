// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/traceback_table.hpp>
#include <aio/sync/detail/queue_base.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace aio::detail {

template <class T, class Storage>
class BasicQueue;

// Inlined, await_resume() need not keep `at` for the case that it throws.

/// Queue::get().
template <class T, class Storage>
class QueueGet final : public QueueWaiter {
public:
    explicit QueueGet(BasicQueue<T, Storage>& queue) noexcept : QueueWaiter(queue, false) {}
    [[AIO_THROWS_INLINE]] T await_resume(SourceLocation at = SourceLocation::current()) {
        finish_queue_wait();
        try {
            return static_cast<BasicQueue<T, Storage>&>(queue()).get_nowait();
        } catch (...) {  // an item's move, a comparison: the item is there for the next one
            leave_failed(at);
        }
    }
};

/// Queue::put().
template <class T, class Storage>
class QueuePut final : public QueueWaiter {
public:
    template <class U>
    QueuePut(BasicQueue<T, Storage>& queue, U&& item)
        : QueueWaiter(queue, true), item_(std::forward<U>(item)) {}
    [[AIO_THROWS_INLINE]] void await_resume(SourceLocation at = SourceLocation::current()) {
        finish_queue_wait();
        try {
            static_cast<BasicQueue<T, Storage>&>(queue()).put_nowait(std::move(item_));
        } catch (...) {
            leave_failed(at);
        }
    }

private:
    T item_;
};

/// Text of an item for repr(), where it has one.
template <class T>
std::string item_repr(const T& item) {
    if constexpr (std::same_as<T, bool>) {
        return item ? "True" : "False";
    } else if constexpr (std::is_arithmetic_v<T>) {
        return std::to_string(item);
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
        return "'" + std::string(std::string_view(item)) + "'";
    } else if constexpr (requires { std::string(item.repr()); }) {
        return item.repr();
    } else {
        return "...";
    }
}

}  // namespace aio::detail
