// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/streams/stream_writer.hpp>
#include <aio/transport/sendfile.hpp>
#include <aio/transport/transport_upgrade.hpp>

namespace aio::detail {

StreamWriterState::~StreamWriterState() {
    if (transport_->is_closing()) return;
    EventLoop& loop = protocol_->get_loop();
    if (loop.get_debug()) {  // Python, too, shows ResourceWarnings only on request
        log_text(LogLevel::warning, [&] {
            return "ResourceWarning: " + std::string(loop.is_closed() ? "loop is closed, " : "") +
                   "unclosed StreamWriter of " + transport_->repr();
        });
    }
    if (!loop.is_closed()) transport_->close();
}

void StreamWriterState::destroy() noexcept { delete this; }

void StreamWriterState::replace_transport(Transport& above) { transport_ = Ref<Transport>(&above); }

void DrainWaiter::suspend(std::coroutine_handle<> awaiter) {
    begin(awaiter);
    if (writer_.transport().is_closing()) {  // asyncio awaits sleep(0) here
        queued_ = true;
        here.loop->ready().push(*this);
    } else {
        writer_.protocol().drain_waiters().push_back(*this);
    }
}

// The task's turn after that: it goes on in this place of the queue, or waits.
void DrainWaiter::run() {
    queued_ = false;
    StreamReaderProtocol& protocol = writer_.protocol();
    lost_ = protocol.lost();
    if (lost_ || protocol.writable_now({})) {
        task()->run();  // may destroy this
    } else {
        protocol.drain_waiters().push_back(*this);
    }
}

void DrainWaiter::withdraw() noexcept {
    unlink();
    if (std::exchange(queued_, false)) writer_.protocol().get_loop().ready().remove(*this);
}

bool WaitClosedAwaiter::await_ready(SourceLocation at) const {
    check_fresh();
    if (!writer_->protocol().lost()) return false;
    if (const std::exception_ptr& error = writer_->protocol().error()) {
        rethrow_kept(&writer_->protocol(), at, error);
    }
    return true;
}

namespace {

Coro<> upgrade(Ref<StreamWriterState> writer, std::shared_ptr<TransportUpgrade> context,
               StartTlsOptions options) {
    co_await DrainAwaiter(*writer);
    const Ref<Transport> below(&writer->transport());
    const auto protocol = writer->protocol().shared_from_this();
    if (below->get_protocol() != protocol) throw RuntimeError("start_tls() called while the first one runs");
    const bool server_side = protocol->server_side();
    options.server_side(server_side);
    try {
        options.received(protocol->reader().state().take_for_handshake(server_side));
    } catch (const ConnectionError&) {
        below->close();
        throw;
    }
    auto above = co_await aio::start_tls(below, protocol, std::move(context), std::move(options));
    writer->replace_transport(*above);
    protocol->replace_transport(*above);
}

}  // namespace
}  // namespace aio::detail

namespace aio {

void StreamWriter::writelines(std::span<const BytesView> pieces) const {
    transport("StreamWriter.writelines()").writelines(pieces);
}
void StreamWriter::writelines(std::span<WritePiece> pieces) const {
    transport("StreamWriter.writelines()").writelines(pieces);
}
void StreamWriter::writelines(std::initializer_list<WritePiece> pieces) const {
    transport("StreamWriter.writelines()").writelines(pieces);
}

Coro<> StreamWriter::start_tls(std::shared_ptr<TransportUpgrade> context) const {
    return start_tls(std::move(context), StartTlsOptions());
}

Coro<> StreamWriter::start_tls(std::shared_ptr<TransportUpgrade> context, StartTlsOptions options) const {
    return detail::upgrade(Ref<detail::StreamWriterState>(&state_.checked("StreamWriter.start_tls()")),
                           std::move(context), std::move(options));
}

// The writer is kept, as the connection would be closed with its last handle.
static Coro<std::uint64_t> send_file(StreamWriter writer, int file, SendfileOptions options) {
    co_return co_await sendfile(Ref<Transport>(&writer.transport()), file, options);
}

Coro<std::uint64_t> StreamWriter::sendfile(int file, SendfileOptions options) const {
    transport("StreamWriter.sendfile()");
    return send_file(*this, file, options);
}

Coro<std::uint64_t> StreamWriter::sendfile(int file) const { return sendfile(file, SendfileOptions()); }

}  // namespace aio
