// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/pool.hpp>
#include <aio/base/ref.hpp>
#include <aio/base/source_location.hpp>
#include <aio/loop/detail/runnable.hpp>
#include <aio/streams/stream_protocol.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/transport/transport.hpp>

#include <any>
#include <concepts>
#include <coroutine>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace aio::detail {

/// What the handles of one StreamWriter share. The last of them closes a transport that is still open.
class StreamWriterState final : public pool::Pooled {
public:
    /// `receiver` may be null.
    StreamWriterState(Transport& below, std::shared_ptr<StreamReaderProtocol> served,
                      StreamReaderState* receiver) noexcept
        : transport_(&below), protocol_(std::move(served)), reader_(receiver) {}
    StreamWriterState(const StreamWriterState&) = delete;
    StreamWriterState& operator=(const StreamWriterState&) = delete;

    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) [[unlikely]]
            destroy();
    }

    Transport& transport() const noexcept { return *transport_; }
    void replace_transport(Transport& above);
    StreamReaderProtocol& protocol() const noexcept { return *protocol_; }
    /// Throws the reader's stored error into the coroutine that awaits at `at`, if there is one.
    void check_reader(SourceLocation at) const {
        if (reader_ && reader_->error()) [[unlikely]]
            reader_->raise_error(at);
    }

private:
    ~StreamWriterState();
    void destroy() noexcept;

    Ref<Transport> transport_;
    std::shared_ptr<StreamReaderProtocol> protocol_;
    Ref<StreamReaderState> reader_;
    unsigned refs_ = 0;
};

/// The part of drain() that is needed only if it must wait.
class DrainWaiter final : public ConnectionWaiter, private Runnable {
public:
    explicit DrainWaiter(StreamWriterState& writer) noexcept : writer_(writer) {}
    ~DrainWaiter() {
        if (queued_) withdraw();
    }
    void suspend(std::coroutine_handle<> awaiter);
    void resume(SourceLocation at) {
        finish_wait(at);
        if (lost_) StreamReaderProtocol::raise_lost(at);
    }
    std::string describe() const override { return "StreamWriter.drain()"; }

private:
    void withdraw() noexcept override;
    void run() override;
    void discard() noexcept override { queued_ = false; }
    std::string repr() const override { return describe(); }

    StreamWriterState& writer_;
    bool queued_ = false;  ///< gives a closing transport the time to say connection_lost()
    bool lost_ = false;
};

/// StreamWriter::drain(). Nearly always there is nothing to wait for, so that case is kept small.
class DrainAwaiter final {
public:
    explicit DrainAwaiter(StreamWriterState& writer) noexcept : writer_(&writer) {}
    DrainAwaiter(DrainAwaiter&& other) noexcept  // before it is awaited
        : writer_(other.writer_), state_(std::exchange(other.state_, State::used)) {}
    DrainAwaiter& operator=(DrainAwaiter&&) = delete;
    ~DrainAwaiter() {
        if (state_ == State::waits) [[unlikely]]
            waiter_.~DrainWaiter();
    }

    bool await_ready(SourceLocation at = SourceLocation::current()) {
        if (state_ != State::fresh) [[unlikely]]
            raise_reused();
        state_ = State::used;
        writer_->check_reader(at);
        return !writer_->transport().is_closing() && writer_->protocol().writable_now(at);
    }
    template <std::derived_from<CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        awaiter.promise().set_await_line(line);
        new (&waiter_) DrainWaiter(*writer_);
        state_ = State::waits;
        waiter_.suspend(awaiter);
    }
    void await_resume(SourceLocation at = SourceLocation::current()) {
        if (state_ == State::waits) [[unlikely]]
            waiter_.resume(at);
    }

private:
    enum class State : std::uint8_t { fresh, waits, used };

    Ref<StreamWriterState> writer_;
    union {
        DrainWaiter waiter_;
    };
    State state_ = State::fresh;
};

/// StreamWriter::wait_closed().
class WaitClosedAwaiter final : public ConnectionWaiter {
public:
    explicit WaitClosedAwaiter(StreamWriterState& writer) noexcept : writer_(&writer) {}
    WaitClosedAwaiter(WaitClosedAwaiter&& other) noexcept
        : ConnectionWaiter(static_cast<ConnectionWaiter&&>(other)), writer_(other.writer_) {}
    WaitClosedAwaiter& operator=(WaitClosedAwaiter&&) = delete;
    ~WaitClosedAwaiter() = default;

    bool await_ready(SourceLocation at = SourceLocation::current()) const;
    template <std::derived_from<CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        begin(awaiter, line);
        writer_->protocol().close_waiters().push_back(*this);
    }
    void await_resume(SourceLocation at = SourceLocation::current()) { finish_wait(at); }
    std::string describe() const override { return "StreamWriter.wait_closed()"; }

private:
    Ref<StreamWriterState> writer_;
};

}  // namespace aio::detail
