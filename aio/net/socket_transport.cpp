// SPDX-License-Identifier: MIT
// The life of a connection: making, closing, protocol switches, reports. The rules are in the header.
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>
#include <aio/base/traceback.hpp>
#include <aio/net/socket_transport_impl.hpp>

#include <netinet/tcp.h>
#include <cerrno>
#include <typeinfo>

namespace aio {
namespace {

static_assert(sizeof(SocketTransport) <= pool::kMaxBlock);

std::shared_ptr<StreamProtocol> stream_protocol(const std::shared_ptr<BaseProtocol>& protocol) {
    auto stream = std::dynamic_pointer_cast<StreamProtocol>(protocol);
    if (!stream) throw TypeError("a stream transport serves a Protocol or a BufferedProtocol");
    return stream;
}

SocketAddress name_or_empty(SocketAddress (TransportSocket::*query)() const, TransportSocket socket) {
    try {
        return (socket.*query)();
    } catch (const OSError&) {  // the peer is gone already
        return {};
    }
}

// Whether it could be set, which tells TCP from all else.
bool set_no_delay(TransportSocket socket, int family) {
    if (family != AF_INET && family != AF_INET6) return false;
    try {
        socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
        return true;
    } catch (const OSError&) {
        return false;
    }
}

// What a peer or the network does to every program some day.
bool is_ordinary_disconnect(const std::exception_ptr& error) noexcept {
    try {
        std::rethrow_exception(error);
    } catch (const ConnectionError&) {
        return true;
    } catch (const TimeoutError&) {
        return true;
    } catch (const OSError& e) {
        const int number = e.error_number();
        return number == EHOSTUNREACH || number == ENETUNREACH || number == ENETDOWN || number == EHOSTDOWN;
    } catch (...) {
        return false;
    }
}

}  // namespace

Ref<Transport> make_socket_transport(EventLoop& loop, Socket socket, std::shared_ptr<BaseProtocol> protocol,
                                     SocketTransportOptions options) {
    loop.check_closed();
    auto stream = stream_protocol(protocol);
    socket.set_nonblocking();
    const int fd = socket.fileno();
    loop.claim_descriptor(fd);
    try {
        return Ref<Transport>(
            new SocketTransport(loop, std::move(socket), std::move(stream), std::move(options)));
    } catch (...) {
        loop.release_descriptor(fd);
        throw;
    }
}

SocketTransport::SocketTransport(EventLoop& loop, Socket&& socket, std::shared_ptr<StreamProtocol> protocol,
                                 SocketTransportOptions&& options)
    : detail::IoWatch(socket.fileno()),
      loop_(&loop),
      context_(detail::ContextSlot::copy_current()),
      group_(std::move(options.group_)),
      on_made_(std::move(options.on_made_)),
      peername_(std::move(options.peername_)) {
    const TransportSocket view(descriptor());
    install(std::move(protocol));
    sockname_ = name_or_empty(&TransportSocket::getsockname, view);
    if (peername_.empty()) peername_ = name_or_empty(&TransportSocket::getpeername, view);
    if (!set_no_delay(view, sockname_.family())) look_at_kind();
    enqueue();
    // From here on nothing fails, and the socket is the transport's.
    if (group_) group_->join(member_);
    add_ref();  // rule 4
    socket.detach();
}

SocketTransport::~SocketTransport() = default;

void SocketTransport::look_at_kind() {
    const bool is_unix = TransportSocket(descriptor()).getsockopt(SOL_SOCKET, SO_DOMAIN) == AF_UNIX;
    state_ |= is_unix ? kAttachments : kUntrusted;
}

void SocketTransport::install(std::shared_ptr<StreamProtocol> protocol) {
    protocol_ = std::move(protocol);
    buffered_ = dynamic_cast<BufferedProtocol*>(protocol_.get());
    plain_ = dynamic_cast<Protocol*>(protocol_.get());
}

void SocketTransport::set_protocol(std::shared_ptr<BaseProtocol> protocol) {
    auto stream = stream_protocol(protocol);
    if (state_ & kEnded) return;
    loop_->check_thread();
    // The old one may be the caller: it lives until the next iteration.
    if (!loop_->is_closed()) loop_->call_soon([old = std::move(protocol_)] {});
    install(std::move(stream));
}

std::any SocketTransport::get_extra_info(std::string_view name) const {
    if (name == "peername" && !peername_.empty()) return peername_;
    if (name == "sockname" && !sockname_.empty()) return sockname_;
    if (name == "socket") return TransportSocket(descriptor());
    return {};
}

std::string SocketTransport::repr() const {
    std::string text = "<SocketTransport ";
    text += state_ & kEnded ? "closed" : state_ & kClosing ? "closing" : "open";
    if (descriptor() >= 0) text += " fd=" + std::to_string(descriptor());
    text += " " + sockname_.str() + " <-> " + peername_.str();
    if (queue_) text += " unsent=" + std::to_string(queue_->size());
    return text + ">";
}

// --- from connection_made to connection_lost -------------------------------------------------------

void SocketTransport::start() {
    if (state_ & kStarting) {
        state_ &= ~kStarting;
        try {
            protocol_->connection_made(*this);
        } catch (...) {
            if (detail::handling_exit_exception()) {
                enqueue();  // the rest follows if the loop is run again
                throw;
            }
            callback_failed("Fatal error: protocol.connection_made() call failed.");
        }
    }
    state_ &= ~kUnwatched;
    if (!(state_ & kLost)) watch();
    if (on_made_) std::exchange(on_made_, nullptr)();
}

void SocketTransport::watch() {
    try {
        loop_->poller().add(*this, detail::io::readable | detail::io::writable | detail::io::edge);
    } catch (...) {
        fatal_error(std::current_exception(), "Fatal error on socket transport");
    }
}

void SocketTransport::close() {
    if (state_ & kClosing) return;
    loop_->check_thread();
    set_state(kClosing);
    if (!queue_) lose(nullptr);
}

void SocketTransport::force_close(std::exception_ptr error) {
    if (state_ & kLost) return;
    loop_->check_thread();
    const auto dropped = std::move(queue_);  // its owners' deleters are user code and run last
    lose(std::move(error));
}

void SocketTransport::lose(std::exception_ptr error) {
    set_state(kClosing | kLost);
    state_ &= ~kWritable;
    error_ = std::move(error);
    loop_->poller().remove(*this);
    loop_->ready().push(closer_);
}

void SocketTransport::end() {
    const auto loops_reference = Ref<SocketTransport>::adopt(this);
    const detail::ContextScope scope(context_);
    if (on_made_) std::exchange(on_made_, nullptr)();  // an exit exception kept start() from it
    try {
        protocol_->connection_lost(std::move(error_));
    } catch (...) {
        if (detail::handling_exit_exception()) {
            close_socket();
            throw;
        }
        report("Fatal error: protocol.connection_lost() call failed.", std::current_exception());
    }
    close_socket();
}

void SocketTransport::loop_closed() noexcept {
    if (state_ & kEnded) return;
    const auto loops_reference = Ref<SocketTransport>::adopt(this);
    close_socket();
}

void SocketTransport::close_socket() noexcept {
    set_state(kClosing | kLost | kEnded);
    loop_->poller().remove(*this);
    if (state_ & kQueued) loop_->ready().remove(*this);
    loop_->release_descriptor(descriptor());
    Socket(std::exchange(detail::IoWatch::fd, -1)).close();
    buffered_ = nullptr;
    plain_ = nullptr;
    // All of these may run user code, which finds the transport closed.
    const auto queue = std::move(queue_);
    const auto on_made = std::exchange(on_made_, nullptr);
    const auto protocol = std::exchange(protocol_, nullptr);
    if (const Ref<TransportGroup> group = std::exchange(group_, nullptr)) group->leave(member_);
}

// --- errors ---------------------------------------------------------------------------------------

void SocketTransport::callback_failed(const char* message) {
    if (detail::handling_exit_exception()) {
        if (has_input() || (state_ & kWritable)) enqueue();  // goes on if the loop is run again
        throw;
    }
    fatal_error(std::current_exception(), message);
}

void SocketTransport::fatal_error(const std::exception_ptr& error, const char* message) {
    if (!is_ordinary_disconnect(error)) {
        report(message, error);
    } else if (loop_->get_debug()) {
        detail::log_text(LogLevel::debug,
                         [&] { return repr() + ": " + message + ": " + format_exception(error); });
    }
    force_close(error);
}

void SocketTransport::report(const char* message, const std::exception_ptr& error) {
    loop_->report(error, [&] {
        const BaseProtocol* const protocol = protocol_.get();
        const std::string name = "<" + type_name(typeid(*protocol)) + ">";
        ExceptionContext context(message);
        context.exception(error)
            .set("transport", Ref<Transport>(this), repr())
            .set("protocol", std::shared_ptr<BaseProtocol>(protocol_), name);
        return context;
    });
}

std::exception_ptr SocketTransport::system_error(const char* operation) const noexcept {
    try {
        return make_os_error(errno, std::string(operation) + " " + peername_.str());
    } catch (...) {
        return std::current_exception();  // out of memory
    }
}

}  // namespace aio
