// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/task/future.hpp>
#include <aio/task/sleep.hpp>
#include <aio/transport/async_fd.hpp>
#include <aio/transport/file_source_impl.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/stream_transport_impl.hpp>

#include <fcntl.h>
#include <cerrno>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace aio {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

/// Stands before the transport's protocol while a file is sent: hands everything on, and tells whoever sends
/// of room in the buffer and of the connection's end.
class Listening {
public:
    Listening() = default;
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;
    virtual ~Listening() = default;

    bool lost = false;
    std::exception_ptr error;
    AsyncFd* watched = nullptr;            ///< closed when the connection is lost
    detail::FileSource* source = nullptr;  ///< while sendfile() is in progress
    Future<> room;

protected:
    void wake() {
        if (room && !room.done()) room.set_result();
    }
    void is_lost(const std::exception_ptr& why) {
        lost = true;
        error = why;
        if (watched) watched->close();
        if (source) source->stop();
        wake();
    }
};

template <class Kind>
class BeforeProtocol : public Kind, public Listening {
public:
    explicit BeforeProtocol(std::shared_ptr<BaseProtocol> protocol)
        : kept_(std::move(protocol)), next_(dynamic_cast<Kind&>(*kept_)) {}
    void connection_made(Transport& transport) override { next_.connection_made(transport); }
    void connection_lost(std::exception_ptr why) override {
        is_lost(why);
        next_.connection_lost(std::move(why));
    }
    void pause_writing() override { next_.pause_writing(); }
    void resume_writing() override {
        wake();  // first: the other may throw
        next_.resume_writing();
    }
    bool eof_received() override { return next_.eof_received(); }

protected:
    std::shared_ptr<BaseProtocol> kept_;
    Kind& next_;
};

class BeforePlain final : public BeforeProtocol<Protocol> {
public:
    using BeforeProtocol::BeforeProtocol;
    void data_received(BytesView data) override { next_.data_received(data); }
};
class BeforeBuffered final : public BeforeProtocol<BufferedProtocol> {
public:
    using BeforeProtocol::BeforeProtocol;
    std::span<char> get_buffer(std::size_t size_hint) override { return next_.get_buffer(size_hint); }
    void buffer_updated(std::size_t count) override { next_.buffer_updated(count); }
};

/// The state of one sendfile() over a transport.
class Sending final : public detail::SendfileTarget {
public:
    Sending(Ref<Transport> transport, detail::FileSource& source)
        : transport_(std::move(transport)),
          raw_(dynamic_cast<StreamTransport*>(transport_.get())),
          limits_(transport_->get_write_buffer_limits()),
          before_(transport_->get_protocol()) {
        if (dynamic_cast<BufferedProtocol*>(before_.get())) {
            take(std::make_shared<BeforeBuffered>(before_));
        } else {
            take(std::make_shared<BeforePlain>(before_));
        }
        listening_->source = &source;
    }
    Sending(const Sending&) = delete;
    Sending& operator=(const Sending&) = delete;
    ~Sending() {
        if (raw_) raw_->hold_writes(false);
        listening_->watched = nullptr;
        listening_->source = nullptr;
        if (transport_->get_protocol() != ours_) return;  // lost, or somebody else's
        try {
            transport_->set_protocol(before_);
            transport_->set_write_buffer_limits(limits_.high, limits_.low);
        } catch (...) {  // no memory: ours goes on handing everything on
        }
    }

    Transport& transport() const noexcept { return *transport_; }
    /// Whether what is written goes to a socket as it is.
    bool plain_socket() const noexcept { return raw_ && raw_->socket_of_bytes() >= 0; }

    /// Until nothing is buffered. Throws ConnectionError if the connection is lost.
    Coro<> wait_empty() {
        transport_->set_write_buffer_limits(0);  // so that the end is told
        while (!listening_->lost && !raw_->all_sent()) {
            if (transport_->get_write_buffer_size() > 0) {
                co_await wait_resumed();
            } else {
                co_await sleep(Duration::zero());  // the channel has it
            }
        }
        check_open();
    }
    /// Until more may be written. Throws ConnectionError if the connection is lost.
    Coro<> wait_room() {
        while (!listening_->lost && transport_->get_write_buffer_size() > limits_.high)
            co_await wait_resumed();
        check_open();
    }
    void check_open() const {
        if (!listening_->lost && !transport_->is_closing()) return;
        if (listening_->error) std::rethrow_exception(listening_->error);
        throw ConnectionAbortedError(ECONNABORTED, "sendfile: the connection was closed");
    }

    /// The kernel's turn: everything is sent, and nothing else may be written.
    void open_socket() {
        raw_->hold_writes(true);
        socket_ = raw_->socket_of_bytes();
    }
    void close_socket() { raw_->hold_writes(false); }
    // Once the connection is closed the number may be another file's.
    int socket() const override {
        check_open();
        return socket_;
    }
    // The transport has a registration of its own for its descriptor, so a copy of it waits.
    Coro<> wait_writable() override {
        check_open();
        if (!fd_) {
            const int copy = ::fcntl(socket_, F_DUPFD_CLOEXEC, 3);
            if (copy < 0) raise_os_error(errno, "copy of the descriptor of " + transport_->repr());
            fd_ = AsyncFd(copy, AsyncFd::own);
            listening_->watched = &fd_;
            socket_ = copy;
        }
        if (ready_) ready_->clear_ready();
        try {
            const FdReady ready = co_await fd_.writable();
            ready_.emplace(ready);
        } catch (const OSError&) {  // closed with the connection
            check_open();
            throw;
        }
    }

private:
    Future<> wait_resumed() {
        listening_->room = get_running_loop().create_future<>();
        return listening_->room;
    }
    template <class P>
    void take(std::shared_ptr<P> protocol) {
        listening_ = protocol.get();
        ours_ = std::move(protocol);
        transport_->set_protocol(ours_);
    }

    Ref<Transport> transport_;
    StreamTransport* raw_;
    WriteBufferLimits limits_;
    std::shared_ptr<BaseProtocol> before_;
    std::shared_ptr<BaseProtocol> ours_;
    Listening* listening_ = nullptr;
    AsyncFd fd_;
    std::optional<FdReady> ready_;
    int socket_ = -1;
};

// Two would take each other's place, and mix their files.
void check_unused(const Transport& transport) {
    const auto* const listening = dynamic_cast<const Listening*>(transport.get_protocol().get());
    if (listening && listening->source) throw RuntimeError("sendfile is in progress");
}

}  // namespace

Coro<std::uint64_t> sendfile(Ref<Transport> transport, int file, SendfileOptions options) {
    if (transport->is_closing()) throw RuntimeError("Transport is closing");
    check_unused(*transport);
    detail::FileSource source(file, options);
    Sending sending(std::move(transport), source);
    if (sending.plain_socket() && source.native()) {
        co_await sending.wait_empty();
        sending.open_socket();
        const bool could = co_await detail::send_by_kernel(source, sending);
        if (could) co_return source.sent();
        sending.close_socket();
    }
    if (!options.get_fallback()) {
        throw SendfileNotAvailableError("fallback is disabled and native sendfile is not supported for " +
                                        sending.transport().repr());
    }
    for (;;) {
        co_await sending.wait_room();
        std::string piece = co_await source.read(kPiece);
        sending.check_open();
        if (piece.empty()) co_return source.sent();
        source.count(piece.size());
        sending.transport().write(std::move(piece));
    }
}

Coro<std::uint64_t> sendfile(Ref<Transport> transport, int file) {
    return sendfile(std::move(transport), file, SendfileOptions());
}

}  // namespace aio
