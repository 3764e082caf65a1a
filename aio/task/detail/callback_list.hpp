// SPDX-License-Identifier: MIT
#pragma once

#include <aio/loop/detail/runnable.hpp>

namespace aio::detail {

/// One party that wants to know when a future is done. On completion its target is queued, in the
/// order of registration, and nothing runs inline (S18). If the future dies first, the target is
/// discarded.
class CallbackNode {
public:
    explicit CallbackNode(Runnable& runs, bool keep_future = false) noexcept
        : target(&runs), keeps_future(keep_future) {}
    CallbackNode(const CallbackNode&) = delete;
    CallbackNode& operator=(const CallbackNode&) = delete;

    bool linked() const noexcept { return next_ != nullptr; }

    Runnable* target;
    const bool keeps_future;  ///< queueing takes a reference to the future, which the target drops
    bool queued = false;

private:
    friend class CallbackList;
    CallbackNode* prev_ = nullptr;
    CallbackNode* next_ = nullptr;
};

/// The nodes of one future, in the order of registration: a circle, held by its last node, because
/// every task has such a list and most are empty.
class CallbackList {
public:
    bool empty() const noexcept { return last_ == nullptr; }
    CallbackNode* front() const noexcept { return last_ ? last_->next_ : nullptr; }
    CallbackNode* back() const noexcept { return last_; }

    void push_back(CallbackNode& node) noexcept {
        if (last_) {
            node.prev_ = last_;
            node.next_ = last_->next_;
            last_->next_->prev_ = &node;
            last_->next_ = &node;
        } else {
            node.prev_ = node.next_ = &node;
        }
        last_ = &node;
    }

    /// Takes `node` out; harmless if it is in no list.
    void remove(CallbackNode& node) noexcept {
        if (!node.linked()) return;
        if (node.next_ == &node) {
            last_ = nullptr;
        } else {
            node.prev_->next_ = node.next_;
            node.next_->prev_ = node.prev_;
            if (last_ == &node) last_ = node.prev_;
        }
        node.prev_ = node.next_ = nullptr;
    }

    template <class F>
    void for_each(F&& visit) const {
        for (CallbackNode* node = front(); node; node = node == last_ ? nullptr : node->next_) visit(*node);
    }

    /// Removes the nodes for which `wanted(node)` holds; gives their number.
    template <class F>
    unsigned remove_if(F&& wanted) {
        unsigned removed = 0;
        unsigned count = 0;
        for_each([&](CallbackNode&) { ++count; });
        CallbackNode* node = front();
        for (; count > 0; --count) {
            CallbackNode* following = node->next_;
            if (wanted(*node)) {
                remove(*node);
                ++removed;
            }
            node = following;
        }
        return removed;
    }

private:
    CallbackNode* last_ = nullptr;
};

}  // namespace aio::detail
