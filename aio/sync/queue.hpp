// SPDX-License-Identifier: MIT
#pragma once

#include <aio/sync/detail/queue_base.hpp>
#include <aio/sync/detail/queue_storage.hpp>
#include <aio/sync/detail/queue_waits.hpp>
#include <aio/sync/queue_error.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace aio {

namespace detail {

/// What the queues of all orders have in common.
template <class T, class Storage>
class BasicQueue : public QueueBase {
public:
    using value_type = T;

    /// Takes the next item.
    ///
    /// Completes: at once, without yielding, if there is one; else when one was put. Waiting tasks are
    /// served in the order in which they came; one that did not have to wait may be faster, and then the
    /// task that was woken waits again, as in asyncio.
    /// Cancellation: immediate, and loses nothing: the item stays for the next one (S114).
    /// Throws QueueShutDown if the queue is empty and shut down; RuntimeError if it has to wait and other
    /// loop's tasks waited before.
    [[nodiscard("nothing is taken until this is awaited")]] QueueGet<T, Storage> get() noexcept {
        return QueueGet<T, Storage>(*this);
    }
    /// Takes the next item. Throws QueueEmpty if there is none, QueueShutDown if there will be none.
    T get_nowait() {
        check_get();
        T item = storage_.take();
        const Drop last(storage_);  // calls a destructor, which may come back to the queue
        removed();
        return item;
    }

    /// Adds an item, which is moved or copied in when this is called.
    ///
    /// Completes: at once, without yielding, if there is room; else when there is, in the order in which the
    /// tasks came, with the exception that get() describes.
    /// Cancellation: immediate; the item is not put, and the room stays for the next one.
    /// Throws QueueShutDown after shutdown(); RuntimeError if it has to wait and other loop's tasks waited
    /// before.
    template <class U = T>
        requires std::constructible_from<T, U&&>
    [[nodiscard("nothing is put until this is awaited")]] QueuePut<T, Storage> put(U&& item) {
        return QueuePut<T, Storage>(*this, std::forward<U>(item));
    }
    /// Adds an item. Throws QueueFull if there is no room, QueueShutDown after shutdown().
    template <class U = T>
        requires std::constructible_from<T, U&&>
    void put_nowait(U&& item) {
        check_put();
        if constexpr (std::is_same_v<U, T>) {
            storage_.push(std::forward<U>(item));
        } else {
            T made(std::forward<U>(item));
            check_put();  // what made it may have come back to the queue
            storage_.push(std::move(made));
        }
        added();
    }

    /// From now on put() throws QueueShutDown, also where it waits already. get() gives what is left and
    /// then throws the same. With `immediate` nothing is left: the items are dropped and count as done, so
    /// that join() ends if no others are being worked on (S115).
    void shutdown(bool immediate = false) {
        begin_shutdown();
        while (immediate && !empty()) {
            discarded();
            storage_.drop();
        }
        end_shutdown(immediate);
    }

protected:
    template <class... Args>
    explicit BasicQueue(std::ptrdiff_t maxsize, Args&&... args)
        : QueueBase(maxsize), storage_(std::forward<Args>(args)...) {}
    ~BasicQueue() override = default;

    std::string text(const char* type) const {
        std::string items;
        storage_.for_each([&](const T& item) { items += (items.empty() ? "" : ", ") + item_repr(item); });
        return queue_repr(type, items);
    }

private:
    struct Drop {
        explicit Drop(Storage& where) noexcept : storage(where) {}
        Drop(const Drop&) = delete;
        Drop& operator=(const Drop&) = delete;
        ~Drop() { storage.drop(); }
        Storage& storage;
    };
    Storage storage_;
};

}  // namespace detail

/// First in, first out, between tasks. Mirrors asyncio.Queue.
///
///     co_await queue.put(item);          // waits while there are `maxsize` items
///     Item item = co_await queue.get();  // waits while there are none
///
/// Lifetime: tasks that wait when the queue is destroyed wait on until they are cancelled. One that had
/// just been woken gets a RuntimeError.
/// Threads: one loop only, the first on which a task had to wait (S111). From another thread go through
/// call_soon_threadsafe().
template <class T>
class Queue final : public detail::BasicQueue<T, detail::RingStorage<T>> {
public:
    /// A maxsize of zero or less means no limit (S112).
    explicit Queue(std::ptrdiff_t maxsize = 0) noexcept
        : detail::BasicQueue<T, detail::RingStorage<T>>(maxsize) {}

    /// "<aio::Queue at 0x... maxsize=2 _queue=[1, 2] _putters[1] tasks=2>"
    std::string repr() const override { return this->text("Queue"); }
};

/// Last in, first out. Mirrors asyncio.LifoQueue. Otherwise as Queue.
template <class T>
class LifoQueue final : public detail::BasicQueue<T, detail::StackStorage<T>> {
public:
    explicit LifoQueue(std::ptrdiff_t maxsize = 0) noexcept
        : detail::BasicQueue<T, detail::StackStorage<T>>(maxsize) {}

    std::string repr() const override { return this->text("LifoQueue"); }
};

/// The order of a PriorityQueue, unless it is given another: by `<`, as heapq. It is std::less without
/// <functional>.
struct SmallestFirst {
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
        return a < b;
    }
};

/// The least item first: the one that `before(item, other)` puts in front of all others. Mirrors
/// asyncio.PriorityQueue. Otherwise as Queue.
///
/// Items that are equal come out in no promised order; give them a sequence number if that matters. If a
/// comparison or an item's move throws, put() or get() throws the same and the queue is as it was.
template <class T, class Compare = SmallestFirst>
class PriorityQueue final : public detail::BasicQueue<T, detail::HeapStorage<T, Compare>> {
    using Storage = detail::HeapStorage<T, Compare>;

public:
    explicit PriorityQueue(std::ptrdiff_t maxsize = 0, Compare before = Compare())
        : detail::BasicQueue<T, Storage>(maxsize, std::move(before)) {}

    std::string repr() const override { return this->text("PriorityQueue"); }
};

}  // namespace aio
