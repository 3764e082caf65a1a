// SPDX-License-Identifier: MIT
// Life and input of datagram transports. The rules are in the private header.
#include <aio/base/error.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/net/datagram_batch_impl.hpp>
#include <aio/net/datagram_transport_impl.hpp>

#include <netinet/udp.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace aio {

static_assert(sizeof(SocketDatagramTransport) <= pool::kMaxBlock);

namespace {

SocketAddress name_or_empty(SocketAddress (TransportSocket::*query)() const, TransportSocket socket) {
    try {
        return (socket.*query)();
    } catch (const OSError&) {  // not connected
        return {};
    }
}

bool switch_on(int fd, int level, int option) {
    const int on = 1;
    return ::setsockopt(fd, level, option, &on, sizeof on) == 0;
}

}  // namespace

Ref<DatagramTransport> make_datagram_transport(EventLoop& loop, Socket socket,
                                               std::shared_ptr<BaseProtocol> protocol, SocketAddress peer,
                                               UniqueFunction<void()> on_made) {
    loop.check_closed();
    socket.set_nonblocking();
    const int fd = socket.fileno();
    loop.claim_descriptor(fd);
    try {
        return Ref<DatagramTransport>(new SocketDatagramTransport(
            loop, std::move(socket), std::move(protocol), std::move(peer), std::move(on_made)));
    } catch (...) {
        loop.release_descriptor(fd);
        throw;
    }
}

SocketDatagramTransport::SocketDatagramTransport(EventLoop& loop, Socket&& socket,
                                                 std::shared_ptr<BaseProtocol> protocol, SocketAddress peer,
                                                 UniqueFunction<void()> on_made)
    : TransportCore(loop, std::move(on_made)), IoWatch(socket.fileno()), peer_(std::move(peer)) {
    if (!loop.parts().gather_writes) state_ |= kImmediate;
    install(std::move(protocol));
    look_at_socket();
    enqueue();
    // From here on nothing fails, and the socket is the transport's.
    add_ref();
    socket.detach();
}

SocketDatagramTransport::~SocketDatagramTransport() = default;

void SocketDatagramTransport::look_at_socket() {
    const TransportSocket socket(descriptor());
    sockname_ = name_or_empty(&TransportSocket::getsockname, socket);
    // Whether it is connected is not for its address to tell: that of a Unix socket may be empty.
    sockaddr_storage storage;
    socklen_t size = sizeof storage;
    if (::getpeername(descriptor(), reinterpret_cast<sockaddr*>(&storage), &size) == 0) {
        state_ |= kConnected;
        peername_ = SocketAddress::from_native(reinterpret_cast<const sockaddr*>(&storage), size);
        if (peer_.empty()) peer_ = peername_;
    }
    const int family = socket.family();
    if (family == AF_UNIX && !(state_ & kConnected)) state_ |= kAsksForRoom;
    if (family != AF_INET && family != AF_INET6) return;
    state_ |= kUdp;
    switch_on(descriptor(), SOL_UDP, UDP_GRO);  // packets come one by one where the kernel does not have it
    int segment = 0;
    size = sizeof segment;
    if (::getsockopt(descriptor(), SOL_UDP, UDP_SEGMENT, &segment, &size) == 0) state_ |= kJoins;
}

void SocketDatagramTransport::install(std::shared_ptr<BaseProtocol> protocol) {
    auto* const datagrams = dynamic_cast<DatagramProtocol*>(protocol.get());
    if (!datagrams) throw TypeError("a datagram transport serves a DatagramProtocol");
    protocol_ = std::move(protocol);
    datagrams_ = datagrams;
}

void SocketDatagramTransport::call_connection_made() { datagrams_->connection_made(*this); }

void SocketDatagramTransport::open_channel() {
    loop_->poller().add(*this, detail::io::readable | detail::io::edge);
    if (queue_) write_again();
}

void SocketDatagramTransport::stop_channel() noexcept {
    loop_->poller().remove(*this);
    if (std::exchange(retry_.waiting, false)) loop_->timers().withdraw(retry_, loop_->ready());
}

void SocketDatagramTransport::close_channel() noexcept {
    loop_->release_descriptor(descriptor());
    Socket(std::exchange(IoWatch::fd, -1)).close();
}

void SocketDatagramTransport::left() noexcept {
    end_gathering();
    datagrams_ = nullptr;
    queue_ = nullptr;
    held_ = nullptr;
}

void SocketDatagramTransport::close() {
    if (state_ & kClosing) return;
    loop_->check_thread();
    settle();
    if (state_ & kClosing) return;
    set_state(kClosing);
    if (!queue_) lose(nullptr);
}

void SocketDatagramTransport::abort() {
    settle();
    force_close(nullptr);
}

void SocketDatagramTransport::force_close(std::exception_ptr error) {
    if (state_ & kLost) return;
    loop_->check_thread();
    end_gathering();
    queue_ = nullptr;
    lose(std::move(error));
}

std::any SocketDatagramTransport::get_extra_info(std::string_view name) const {
    if (name == "peername" && !peername_.empty()) return peername_;
    if (name == "sockname" && !sockname_.empty()) return sockname_;
    if (name == "socket") {
        const_cast<SocketDatagramTransport*>(this)->settle();  // who has it may send
        return TransportSocket(descriptor());
    }
    return {};
}

std::string SocketDatagramTransport::repr() const {
    std::string text = "<DatagramTransport ";
    text += state_ & kEnded ? "closed" : state_ & kClosing ? "closing" : "open";
    if (descriptor() >= 0) text += " fd=" + std::to_string(descriptor());
    text += " " + sockname_.str();
    if (!peer_.empty()) text += " <-> " + peer_.str();
    if (queue_) text += " unsent=" + std::to_string(unsent());
    return text + ">";
}

// --- input ----------------------------------------------------------------------------------------

void SocketDatagramTransport::on_events(std::uint32_t events) noexcept {
    constexpr std::uint32_t kEnd = detail::io::peer_closed | detail::io::hangup | detail::io::error;
    if (events & (detail::io::readable | kEnd)) state_ |= kReadable;
    bool work = has_input();
    if (queue_ && (events & (detail::io::writable | kEnd))) {
        state_ |= kWritable;
        work = true;
    }
    if (work) enqueue();
}

void SocketDatagramTransport::run() {
    state_ &= ~kQueued;
    const detail::ContextScope scope(context_);
    if (state_ & kUnopened) [[unlikely]] {
        start();
        return;
    }
    if (has_input()) read_ready();
    if (state_ & kWritable) write_ready();  // last: may be the end of this object
}

void SocketDatagramTransport::pause_reading() {
    if (!is_reading()) return;
    loop_->check_thread();
    state_ |= kPaused;
}

void SocketDatagramTransport::resume_reading() {
    if ((state_ & (kPaused | kClosing)) != kPaused) return;
    loop_->check_thread();
    state_ &= ~kPaused;
    if (has_input()) enqueue();  // an edge may have come in between, and something may be held
}

void SocketDatagramTransport::read_ready() {
    if (held_) {
        deliver_held();
    } else {
        try {
            detail::ReceivedBatch& batch = detail::ReceivedBatch::of_this_thread();
            bool all = false;
            const unsigned most = state_ & kJoined ? 1 : detail::ReceivedBatch::kMost;
            const int count = batch.receive(descriptor(), state_ & kUdp, most, all);
            if (count > 0) {
                if (all) state_ &= ~kReadable;
                deliver(batch, count);
            } else {
                read_failed(errno);
            }
        } catch (const std::bad_alloc&) {
            fatal_error(std::current_exception(), "Fatal read error on ", kind());
        }
    }
    if (has_input()) enqueue();
}

void SocketDatagramTransport::read_failed(int error) {
    if (error == EAGAIN || error == EWOULDBLOCK) {
        state_ &= ~kReadable;
    } else if (error == EBADF ||
               error == ENOTSOCK) {  // it was closed by somebody else: there would be no end
        fatal_error(make_os_error(error, "receive at " + sockname_.str()), "Fatal read error on ", kind());
    } else if (error != EINTR) {
        tell(make_os_error(error, "receive at " + sockname_.str()));
    }
}

// The last sender again, if it is the same: a Unix address has to be allocated.
const SocketAddress& SocketDatagramTransport::sender_of(const detail::ReceivedBatch& batch, int index) {
    const sockaddr* const sender = batch.sender(index);
    const socklen_t size = batch.sender_size(index);
    if (size != sender_.native_size() || std::memcmp(sender, sender_.native(), size) != 0) {
        sender_ = SocketAddress::from_native(sender, size);
    }
    return sender_;
}

// Hands one packet to the protocol. Whether the next one may follow.
bool SocketDatagramTransport::deliver(BytesView data, const SocketAddress& sender) {
    try {
        datagrams_->datagram_received(data, sender);
    } catch (...) {
        if (detail::handling_exit_exception()) throw;
        report(std::current_exception(), "protocol.datagram_received() failed");
    }
    return !(state_ & kNotReading);
}

void SocketDatagramTransport::deliver(const detail::ReceivedBatch& batch, int count) {
    state_ &= ~kJoined;
    unsigned delivered = 0;
    for (int index = 0; index < count; ++index) {
        const BytesView data = batch.data(index);
        const std::size_t packet = batch.packet_size(index);
        if (packet < data.size()) state_ |= kJoined;
        std::size_t offset = 0;
        do {
            const std::size_t size = std::min(packet, data.size() - offset);
            const BytesView view(data.data() + offset, size);
            offset += size;
            ++delivered;
            const bool whole = offset == data.size();
            const int next = whole ? index + 1 : index;
            try {
                if (deliver(view, sender_of(batch, index))) continue;
                hold(batch, count, next, whole ? 0 : offset);
                return;
            } catch (...) {  // it ends the loop, and goes on if that is run again
                if (detail::handling_exit_exception())
                    hold_if_possible(batch, count, next, whole ? 0 : offset);
                throw;
            }
        } while (offset < data.size());
        if (delivered >= detail::ReceivedBatch::kMost && index + 1 < count) {
            hold(batch, count, index + 1, 0);
            return;
        }
    }
}

// Copies what has not been delivered: from `offset` in the message `index` on.
void SocketDatagramTransport::hold(const detail::ReceivedBatch& batch, int count, int index,
                                   std::size_t offset) {
    if (state_ & kClosing) return;
    auto rest = std::make_unique<detail::DatagramQueue>();
    for (; index < count; ++index) {
        const BytesView data = batch.data(index);
        const std::size_t packet = batch.packet_size(index);
        do {
            const std::size_t size = std::min(packet, data.size() - offset);
            rest->push(BytesView(data.data() + offset, size), sender_of(batch, index));
            offset += size;
        } while (offset < data.size());
        offset = 0;
    }
    if (!rest->empty()) {
        held_ = std::move(rest);
        state_ |= kReadable;
    }
    if (has_input()) enqueue();
}

void SocketDatagramTransport::hold_if_possible(const detail::ReceivedBatch& batch, int count, int index,
                                               std::size_t offset) noexcept {
    try {
        hold(batch, count, index, offset);
    } catch (const std::bad_alloc&) {  // lost, as packets may be; the error that ends the loop goes first
    }
}

void SocketDatagramTransport::deliver_held() {
    std::unique_ptr<detail::DatagramQueue> batch = std::move(held_);
    std::size_t done = 0;
    const auto put_back = [&] {
        batch->pop(done);
        if (!batch->empty() && !(state_ & kClosing)) held_ = std::move(batch);
        if (has_input()) enqueue();
    };
    try {
        for (bool more = true; more && done < batch->count() && done < detail::ReceivedBatch::kMost;) {
            const std::size_t index = done++;
            more = deliver(batch->data(index), batch->address(index));
        }
    } catch (...) {
        put_back();
        throw;
    }
    put_back();
}

}  // namespace aio
