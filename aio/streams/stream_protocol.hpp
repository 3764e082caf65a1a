// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>
#include <aio/base/detail/shared_function.hpp>
#include <aio/base/detail/traceback_table.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/ref.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/task/task.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/transport.hpp>

#include <exception>
#include <span>

namespace aio {

class EventLoop;
class StreamWriter;

namespace detail {

/// A task that waits for something of a connection: that its buffer is low again, or its end.
class ConnectionWaiter : public LeafWaiter, public ListLink {
public:
    /// The wait is over; a null error means success.
    void finish(const std::exception_ptr& error) {
        unlink();
        error_ = error;
        if (error_) keep_traceback(this, error_);
        wake();
    }

protected:
    ConnectionWaiter() noexcept = default;
    ConnectionWaiter(ConnectionWaiter&& other) noexcept
        : LeafWaiter(static_cast<LeafWaiter&&>(other)), ListLink() {}
    ConnectionWaiter& operator=(ConnectionWaiter&&) = delete;
    ~ConnectionWaiter() {
        unlink();
        if (error_) [[unlikely]]
            forget_traceback(this, error_);
    }
    /// For an await_resume at `at`: throws CancelledError, or the error given to finish().
    void finish_wait(SourceLocation at) {
        end();
        if (error_) [[unlikely]]
            rethrow_kept(this, at, error_);
    }
    void withdraw() noexcept override { unlink(); }

private:
    std::exception_ptr error_;
};

}  // namespace detail

/// Called for each connection of a stream server; gives the task that serves it, or an empty one.
using ClientConnectedCallback = detail::SharedFunction<AnyTask(StreamReader, StreamWriter)>;

/// The protocol between a transport and a StreamReader with its StreamWriter. Mirrors
/// asyncio.StreamReaderProtocol.
///
/// Made by open_connection() and start_server(); by hand where a transport comes from elsewhere.
/// Threads: the loop's only.
class StreamReaderProtocol : public BufferedProtocol,
                             public std::enable_shared_from_this<StreamReaderProtocol> {
public:
    /// Feeds `reader`; `callback`, if there is one, is called with reader and writer when the connection
    /// is made. An error that the callback's task ends with is reported and closes the transport,
    /// cancellation closes it silently (S137).
    explicit StreamReaderProtocol(StreamReader reader,
                                  ClientConnectedCallback callback = ClientConnectedCallback());
    ~StreamReaderProtocol() override;

    void connection_made(Transport& transport) override;
    void connection_lost(std::exception_ptr error) override;
    void pause_writing() override;
    void resume_writing() override;
    std::span<char> get_buffer(std::size_t size_hint) override;
    void buffer_updated(std::size_t count) override;
    bool eof_received() override;

    /// What a StreamWriter asks that is awaited at `at`. Throws ConnectionResetError if the connection is
    /// lost.
    bool writable_now(SourceLocation at) const {
        if (lost_) [[unlikely]]
            raise_lost(at);
        return !paused_;
    }
    bool lost() const noexcept { return lost_; }
    /// Whether it was made with a callback, for a server's connection.
    bool server_side() const noexcept { return server_side_; }
    /// The connection goes on over `transport`, which stands above the one before.
    void replace_transport(Transport& transport);
    const StreamReader& reader() const noexcept { return reader_; }
    /// What connection_lost() was given.
    const std::exception_ptr& error() const noexcept { return error_; }
    detail::List<detail::ConnectionWaiter>& drain_waiters() noexcept { return drain_waiters_; }
    detail::List<detail::ConnectionWaiter>& close_waiters() noexcept { return close_waiters_; }
    EventLoop& get_loop() const noexcept { return *loop_; }
    [[noreturn]] static void raise_lost(SourceLocation at);

private:
    void serve(Transport& transport);

    StreamReader reader_;
    Ref<EventLoop> loop_;
    detail::ReadArena& arena_;
    ClientConnectedCallback callback_;
    detail::List<detail::ConnectionWaiter> drain_waiters_;
    detail::List<detail::ConnectionWaiter> close_waiters_;
    std::exception_ptr error_;
    const bool server_side_;
    bool paused_ = false;
    bool lost_ = false;
};

}  // namespace aio
