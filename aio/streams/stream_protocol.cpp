// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/streams/stream_protocol.hpp>
#include <aio/streams/stream_writer.hpp>

#include <cassert>
#include <cerrno>

namespace aio {
namespace {

void wake_all(detail::List<detail::ConnectionWaiter>& waiters, const std::exception_ptr& error) {
    while (detail::ConnectionWaiter* waiter = waiters.front()) waiter->finish(error);
}

// Keeps the callback, whose captures the coroutine may use, until the task is done.
void client_task_done(const StreamWriter& writer, const ClientConnectedCallback&, const AnyFuture& task) {
    Transport& transport = writer.transport();
    if (task.cancelled()) {
        transport.close();
    } else if (const std::exception_ptr error = task.exception()) {
        task.get_loop().report(error, [&] {
            ExceptionContext context("Unhandled exception in client_connected_cb");
            context.exception(error).set("transport", Ref<Transport>(&transport), transport.repr());
            return context;
        });
        transport.close();
    }
}

}  // namespace

StreamReaderProtocol::StreamReaderProtocol(StreamReader reader, ClientConnectedCallback callback)
    : reader_(std::move(reader)),
      loop_(&get_event_loop()),
      arena_(detail::ReadArena::of(*loop_)),
      callback_(std::move(callback)),
      server_side_(static_cast<bool>(callback_)) {
    reader_.state("StreamReaderProtocol()");  // the one check for all that arrives
}

StreamReaderProtocol::~StreamReaderProtocol() {
    if (error_) detail::forget_traceback(this, error_);
}

void StreamReaderProtocol::connection_made(Transport& transport) {
    reader_.set_transport(transport);
    if (callback_) serve(transport);
}

void StreamReaderProtocol::replace_transport(Transport& transport) {
    reader_.state().replace_transport(transport);
}

void StreamReaderProtocol::serve(Transport& transport) {
    const auto callback = std::exchange(callback_, nullptr);
    const StreamWriter writer(transport, shared_from_this(), reader_);
    const AnyTask task = callback(reader_, writer);
    if (task) task.add_done_callback(&client_task_done, writer, callback);
}

void StreamReaderProtocol::connection_lost(std::exception_ptr error) {
    lost_ = true;
    if (error_) detail::forget_traceback(this, error_);
    error_ = std::move(error);
    if (error_) {
        detail::keep_traceback(this, error_);
        reader_.set_exception(error_);
    } else {
        reader_.feed_eof();
    }
    wake_all(close_waiters_, error_);
    wake_all(drain_waiters_, error_);
}

void StreamReaderProtocol::pause_writing() {
    assert(!paused_);
    paused_ = true;
}

void StreamReaderProtocol::resume_writing() {
    assert(paused_);
    paused_ = false;
    wake_all(drain_waiters_, nullptr);
}

std::span<char> StreamReaderProtocol::get_buffer(std::size_t) { return reader_.state().get_buffer(arena_); }
void StreamReaderProtocol::buffer_updated(std::size_t count) {
    reader_.state().buffer_updated(arena_, count);
}

bool StreamReaderProtocol::eof_received() {
    reader_.feed_eof();
    return true;
}

void StreamReaderProtocol::raise_lost(SourceLocation at) {
    detail::throw_at(at, ConnectionResetError(ECONNRESET, "Connection lost"));
}

}  // namespace aio
