// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/source_location.hpp>
#include <aio/compose/timeout.hpp>
#include <aio/compose/wait.hpp>
#include <aio/task/result.hpp>

#include <concepts>
#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

namespace aio::detail {

class CompletionWaiter;

/// The futures of one as_completed(): those that are done queue here, in the order of their completion,
/// for those who ask for the next one.
///
/// It lives as long as anybody holds a handle, or one of its callbacks is registered or queued. With the
/// last handle the registrations are taken back.
class Completions final {
public:
    class Node final : public Runnable {
    public:
        void run() override { owner->completed(*this); }
        void discard() noexcept override { owner->drop(); }
        std::string repr() const override { return "as_completed()"; }
        /// The task that asked first; until one does, nobody waits.
        FutureBase* awaiter() noexcept override;
        CallbackNode node{*this};
        Completions* owner = nullptr;
        Ref<FutureBase> future;
        Node* next = nullptr;  // behind it in the queue
    };

    Completions(EventLoop& loop, std::size_t count) : loop_(loop), nodes_(new Node[count]) {}
    Completions(const Completions&) = delete;
    Completions& operator=(const Completions&) = delete;

    void add(const Ref<FutureBase>& future) { nodes_[count_++].future = future; }
    /// All are added: begins to watch them. A limit for nothing is none.
    void start(const std::optional<Duration>& delay);
    EventLoop& loop() const noexcept { return loop_; }

    /// How many were not asked for yet.
    std::size_t left() const noexcept { return left_; }
    void ask() noexcept { --left_; }
    void take_back() noexcept { ++left_; }

    void add_ref() noexcept { ++handles_; }
    void release() noexcept {
        if (--handles_ == 0) abandon();
    }

private:
    friend class CompletionWaiter;
    class Timer final : public TimerNode {
    public:
        explicit Timer(Completions& owner) noexcept : owner_(owner) {}
        void run() override { owner_.time_is_up(); }
        void discard() noexcept override { owner_.drop(); }

    private:
        Completions& owner_;
    };

    ~Completions() { delete[] nodes_; }
    void completed(Node& node);
    void time_is_up();
    void abandon() noexcept;
    void forget_pending() noexcept;
    void forget_timer() noexcept;
    void drop() noexcept {
        if (--uses_ == 0) delete this;
    }

    bool available() const noexcept { return first_ || expired_ > 0; }
    Node* pop() noexcept;
    void wake_next();

    EventLoop& loop_;  // the futures keep it
    Node* nodes_;
    std::size_t count_ = 0;
    std::size_t left_ = 0;
    std::size_t pending_ = 0;
    std::size_t expired_ = 0;  // places in the queue of those that were pending when the time was up
    Node* first_ = nullptr;    // those that are done
    Node* last_ = nullptr;
    List<CompletionWaiter> waiters_;
    std::size_t handles_ = 1;
    std::size_t uses_ = 1;  // one for all handles, one for each callback under way
    Timer timer_{*this};
};

/// Waits for the next future of an as_completed(). It is queued itself when it is woken, and looks in its
/// turn whether there is one: as in asyncio, somebody who did not have to wait may have been faster, and then
/// it goes to the end of the line.
class CompletionWaiter : public LeafWaiter, public ListLink, public Runnable {
public:
    explicit CompletionWaiter(Ref<Completions> from) noexcept : from_(std::move(from)) {}
    CompletionWaiter(CompletionWaiter&& other) noexcept
        : LeafWaiter(static_cast<LeafWaiter&&>(other)),
          ListLink(),
          Runnable(),
          from_(std::move(other.from_)) {}
    CompletionWaiter& operator=(CompletionWaiter&&) = delete;

    template <std::derived_from<CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        begin(awaiter, line);
        link();
    }
    std::string describe() const override { return "as_completed"; }

    void run() final;
    std::string repr() const final;
    void wake_to_look();
    using LeafWaiter::task;

protected:
    ~CompletionWaiter() {
        if (waiting() || woken()) [[unlikely]]
            abandon();
    }
    bool ready() const {
        check_fresh();
        return from_->available();
    }
    /// What was waited for. Throws TimeoutError; CancelledError, and then nothing is lost.
    Ref<FutureBase> finish(SourceLocation at);
    Completions& from() const noexcept { return *from_; }

private:
    void link();
    void pass_on();
    void withdraw() noexcept override { unlink(); }
    void abandon() noexcept;

    Ref<Completions> from_;
};

/// What plain iteration gives: awaits the next result.
template <class T>
class NextResult final : public CompletionWaiter {
public:
    using CompletionWaiter::CompletionWaiter;
    using CoroResult = T;
    bool await_ready() const { return ready(); }
    T await_resume(SourceLocation at = SourceLocation::current()) {
        const Ref<FutureBase> done = this->finish(at);
        done->check_result(at);
        return take_value<T>(*done);
    }
};

/// One step of `async for`: awaits the next future.
template <class F>
class NextCompleted final : public CompletionWaiter {
public:
    using CompletionWaiter::CompletionWaiter;
    bool await_ready() {
        const bool now = ready();
        at_end_ = from().left() == 0;
        if (!at_end_) from().ask();
        return now || at_end_;
    }
    std::optional<F> await_resume(SourceLocation at = SourceLocation::current()) {
        if (at_end_) return std::nullopt;
        try {
            return F::from_state(this->finish(at));
        } catch (const CancelledError&) {
            from().take_back();
            throw;
        }
    }

private:
    bool at_end_ = false;
};

}  // namespace aio::detail
