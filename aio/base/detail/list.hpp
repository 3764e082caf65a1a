// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

namespace aio::detail {

/// Link of a circular doubly linked list; the object that is listed derives from it.
///
/// A link that is in no list points to itself, so unlinking twice is harmless and needs no branch.
struct ListLink {
    ListLink* prev = this;
    ListLink* next = this;

    ListLink() noexcept = default;
    ListLink(const ListLink&) = delete;
    ListLink& operator=(const ListLink&) = delete;

    bool linked() const noexcept { return next != this; }

    void unlink() noexcept {
        prev->next = next;
        next->prev = prev;
        prev = next = this;
    }

    /// Inserts this link in front of `where`; before a list's head that is its end.
    void link_before(ListLink& where) noexcept {
        prev = where.prev;
        next = &where;
        prev->next = this;
        where.prev = this;
    }
};

/// Intrusive list of `T` (which derives from ListLink). It owns nothing and never allocates.
template <class T>
class List {
public:
    bool empty() const noexcept { return !head_.linked(); }
    void push_back(T& item) noexcept { static_cast<ListLink&>(item).link_before(head_); }
    T* front() noexcept { return empty() ? nullptr : static_cast<T*>(head_.next); }
    /// Takes the first item out; null if there is none.
    T* pop_front() noexcept {
        T* const first = front();
        if (first) static_cast<ListLink*>(first)->unlink();
        return first;
    }

    T* back() noexcept { return empty() ? nullptr : static_cast<T*>(head_.prev); }

    /// Calls `visit(T&)` for every item; the visited one may unlink itself.
    template <class F>
    void for_each(F&& visit) {
        for (ListLink* link = head_.next; link != &head_;) {
            ListLink* next = link->next;
            visit(static_cast<T&>(*link));
            link = next;
        }
    }

    unsigned size() const noexcept {
        unsigned count = 0;
        for (const ListLink* link = head_.next; link != &head_; link = link->next) ++count;
        return count;
    }

private:
    ListLink head_;
};

}  // namespace aio::detail
