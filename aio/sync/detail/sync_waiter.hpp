// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/ref.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/task/waiter.hpp>

#include <coroutine>
#include <string>

/// What the primitives have in common. The rules, beyond those of aio/task/waiter.hpp:
///
/// 1. A waiter is in a list of its primitive from the moment it waits until its task has gone on, also
///    when it was woken or cancelled meanwhile. So the primitive can find everybody who may still come
///    back to it, and tells them when it is destroyed (`orphaned()`).
/// 2. What a waiter was given and cannot use any more, `leave()` passes on.
/// 3. A waiter can be a branch of a select(), which is then woken in the task's stead.
namespace aio::detail {

class Selector;

/// The loop whose tasks a primitive serves: the one on which one had to wait first (S111).
class BoundLoop {
public:
    /// Throws RuntimeError in another loop than the one `primitive` is bound to; binds it if it is free.
    template <class Primitive>
    void check(const Primitive& primitive) {
        if (loop_.get() != here.loop) [[unlikely]]
            bind(primitive);
    }
    EventLoop& get() const noexcept { return *loop_; }
    /// In debug mode throws RuntimeError in another thread than that of the loop it is bound to. Called
    /// before anything is changed, where somebody waits: as in asyncio nobody else could tell.
    void check_thread() const {
        if (loop_) loop_->check_thread();
    }

private:
    // Apart, so that check() needs no frame.
    template <class Primitive>
    [[gnu::noinline]] void bind(const Primitive& primitive) {
        if (loop_) raise(primitive.repr());
        loop_ = Ref<EventLoop>(here.loop);
    }
    [[noreturn]] static void raise(const std::string& primitive);
    Ref<EventLoop> loop_;  // counted, so that no later loop can be taken for it
};

/// A task's place in the line of a primitive; lives in the awaiting frame.
class SyncWaiter : public LeafWaiter, public ListLink {
public:
    /// Throws if the wait cannot begin here; changes nothing but what the primitive is bound to.
    virtual void check() = 0;
    /// Joins the line, at its end.
    virtual void enlist() noexcept = 0;
    /// Whether the task could go on now. By default: whether it was woken.
    virtual bool decided() const noexcept { return woken() && !orphaned_; }
    /// Ends the wait without its result (rule 2). Also where there was no wait, or it is over.
    virtual void leave() noexcept = 0;
    /// Whether something of it stands in the ready queue that the waiter must outlive.
    virtual bool queued() const noexcept { return false; }

    template <std::derived_from<CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        check();
        begin(awaiter, line);
        enlist();
    }

    /// The caller has put the waiter into the list that rule 1 asks for; `loop` is the one both belong to.
    void wake_up(EventLoop& loop) {
        if (selector_) [[unlikely]] {
            wake_selector();
        } else {
            wake_in(loop);
        }
    }

    // As a branch of a select().
    void begin_branch(Selector& selector, TaskState& task) noexcept {
        selector_ = &selector;
        begin_within(task);
        enlist();
    }
    /// It was woken, but for nothing.
    void wait_again() noexcept {
        if (!woken() || orphaned_) return;
        set_waiting();
        unlink();
        enlist();
    }
    /// The task was cancelled and has not gone on yet.
    bool cancelled() const noexcept { return was_cancelled(); }
    /// Another branch was chosen.
    void dismiss() noexcept {
        leave();
        set_finished();
    }

    void orphan() noexcept {
        unlink();
        orphaned_ = true;
    }

protected:
    SyncWaiter() noexcept = default;
    SyncWaiter(SyncWaiter&& other) noexcept : LeafWaiter(static_cast<LeafWaiter&&>(other)), ListLink() {}
    SyncWaiter& operator=(SyncWaiter&&) = delete;
    ~SyncWaiter() = default;

    /// Whether the primitive is gone.
    bool orphaned() const noexcept { return orphaned_; }
    Selector* selector() const noexcept { return selector_; }
    void wake_selector();

    /// First thing in await_resume(). Throws CancelledError, after leave(). If the primitive was destroyed
    /// after it had woken the task throws RuntimeError, with `needs` as what needed it, or none if that is
    /// null.
    void finish_wait(const char* needs) {
        if (!fresh()) {
            if (!end_is_quiet() || orphaned_) [[unlikely]] {
                finish_badly(needs);
            } else {
                unlink();
            }
        }
        set_finished();
    }
    /// For destructors of classes that define leave().
    bool needs_disposal() const noexcept { return fresh() || linked(); }
    void report_if_fresh(const char* what) const noexcept;

private:
    [[gnu::noinline]] void finish_badly(const char* needs);

    Selector* selector_ = nullptr;
    bool orphaned_ = false;
};

/// A wait from which nothing more is derived, which is what makes its destructor safe.
template <class Wait>
class FinalWait final : public Wait {
public:
    using Wait::Wait;
};

/// The waiters of a primitive, which outlive it on their own.
class WaiterList : public List<SyncWaiter> {
public:
    WaiterList() noexcept = default;
    WaiterList(const WaiterList&) = delete;
    WaiterList& operator=(const WaiterList&) = delete;
    ~WaiterList() {
        if (!empty()) [[unlikely]]
            orphan_all();
    }

private:
    void orphan_all() noexcept;
};

/// "<aio::Lock object at 0x... [locked, waiters:2]>"
std::string primitive_repr(const char* type, const void* object, std::string state, unsigned waiters);

}  // namespace aio::detail
