// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/task/coro.hpp>

#include <optional>

namespace aio {
class EventLoop;
}  // namespace aio

namespace aio::detail {

/// Something that may want the process for itself, such as a worker that was started with the program's own
/// name. run() and Runner.run() ask each once, before the main coroutine is touched: by the first of them.
///
/// Threads: made and destroyed while there is one; usually a static object.
class TakeOver : private ListLink {
public:
    TakeOver() noexcept;
    TakeOver(const TakeOver&) = delete;
    TakeOver& operator=(const TakeOver&) = delete;

    /// No value: the program goes on. Else the process ends with this status, as by std::exit(), and the main
    /// coroutine never begins. May run loops of its own, which ask the others first. What it throws leaves
    /// run().
    virtual std::optional<int> take_over() = 0;

    /// In the order in which they were made, until one takes over.
    static void ask_all();

protected:
    ~TakeOver() { unlink(); }
};

/// Something that a loop has to bring to its end while tasks still run: a server that drains.
///
/// run() and Runner.close() call it when the main task has ended, whatever way, before they cancel the tasks
/// that are left; the last one that was added first, and each in a task of its own that is awaited before the
/// next is called. A hook that takes longer than RunOptions::shutdown_timeout() is reported, and cancelled
/// with the other tasks. An error is reported to the exception handler, and the next hook is called, as it is
/// after one that was cancelled; an ExitException leaves run(), and no further hook is called. One that is
/// added meanwhile is called too, but not what the tasks add that are cancelled afterwards. A loop that is
/// closed without a Runner calls none.
///
/// While a hook `at_sigterm` is there, the loop's run() answers SIGTERM in the main thread, unless the
/// program handles or ignores it: the main task is cancelled, and run() ends with SystemExit(143), if that is
/// how the task ends; further ones change nothing, and one during the clean-up lets that go on. Ctrl-C,
/// before or after it, makes a KeyboardInterrupt of it. Else SIGTERM does what it did before, also one that
/// has come and of which no hook was told when the last one goes.
///
/// Threads: the loop's only.
class ShutdownHook : private ListLink {
public:
    ShutdownHook() noexcept = default;
    ShutdownHook(const ShutdownHook&) = delete;
    ShutdownHook& operator=(const ShutdownHook&) = delete;

    /// Called once, and no more in the list then. The object has to outlive the coroutine.
    virtual Coro<> shutdown() = 0;

    /// Throws RuntimeError if it has been added already, or if the loop is closed.
    void add_to(EventLoop& loop, bool at_sigterm);
    /// Also if it was not added, or the loop is gone.
    void remove() noexcept;

    /// Takes out what add_to() has added last; null if there is none.
    static ShutdownHook* take_last(EventLoop& loop) noexcept;
    static bool wants_sigterm(EventLoop& loop) noexcept;

protected:
    ~ShutdownHook() { remove(); }

private:
    EventLoop* loop_ = nullptr;
    bool at_sigterm_ = false;
};

}  // namespace aio::detail
