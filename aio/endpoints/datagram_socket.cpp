// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/endpoints/datagram_socket.hpp>
#include <aio/sync/event.hpp>
#include <aio/sync/queue.hpp>

#include <algorithm>
#include <cerrno>
#include <exception>

namespace aio {
namespace detail {

/// A packet, or what the network told of.
struct ReceivedDatagram {
    Datagram packet;
    std::exception_ptr error;
};

[[noreturn]] static void raise_closed(const char* call) {
    raise_os_error(EBADF, std::string(call) + "() of a DatagramSocket that is closed");
}

/// What a packet counts for at most, on average: those that wait must not be as many as they may and all of
/// the largest size, too.
constexpr std::size_t kBytesEach = std::size_t{16} * 1024;

/// Between transport and tasks. It is the transport's, and that of the calls that wait.
class DatagramSocketProtocol final : public DatagramProtocol {
public:
    explicit DatagramSocketProtocol(std::size_t limit) noexcept : limit_(std::max<std::size_t>(limit, 1)) {
        room_.set();
    }

    void connection_made(DatagramTransport& made) override {
        transport_ = Ref<DatagramTransport>(&made);
        const int family = TransportSocket(made.fd()).family();
        drops_ = family == AF_INET || family == AF_INET6;
    }
    void datagram_received(BytesView data, const SocketAddress& sender) override {
        if (drops_ && is_full()) {
            ++dropped_;
            return;
        }
        received_.put_nowait(ReceivedDatagram{Datagram(data.str(), sender), nullptr});
        bytes_ += data.size();
        if (!drops_ && is_full()) transport_->pause_reading();
    }
    void error_received(std::exception_ptr error) override {
        if (sending_) {
            met_ = std::move(error);
        } else if (!error_waits_) {  // one is enough, else a silent reader would collect them
            received_.put_nowait(ReceivedDatagram{Datagram(), std::move(error)});
            error_waits_ = true;
        }
    }
    void pause_writing() override { room_.clear(); }
    void resume_writing() override { room_.set(); }
    void connection_lost(std::exception_ptr error) override {
        end_ = std::move(error);
        received_.shutdown();
        room_.set();
        closed_.set();
    }

    DatagramTransport& transport() const noexcept { return *transport_; }
    std::size_t dropped() const noexcept { return dropped_; }
    Event& room() noexcept { return room_; }
    Event& closed() noexcept { return closed_; }
    Queue<ReceivedDatagram>& received() noexcept { return received_; }
    /// What ended it, if it was an error.
    const std::exception_ptr& end() const noexcept { return end_; }

    /// Has been taken from received().
    Datagram taken(ReceivedDatagram&& received) {
        bytes_ -= received.packet.first.size();
        if (!drops_ && received_.qsize() <= limit_ / 2 && bytes_ <= limit_ / 2 * kBytesEach)
            transport_->resume_reading();
        if (!received.error) return std::move(received.packet);
        error_waits_ = false;
        std::rethrow_exception(received.error);
    }
    void send(BytesView data, const SocketAddress& address) {
        if (transport_->is_closing()) raise_closed("send");
        struct Sending {
            explicit Sending(bool& flag) noexcept : on(flag) { on = true; }
            Sending(const Sending&) = delete;
            Sending& operator=(const Sending&) = delete;
            ~Sending() { on = false; }
            bool& on;
        };
        {
            const Sending sending(sending_);
            transport_->sendto(data, address);
        }
        if (met_) std::rethrow_exception(std::exchange(met_, nullptr));
    }

private:
    bool is_full() const noexcept { return received_.qsize() >= limit_ || bytes_ >= limit_ * kBytesEach; }

    Ref<DatagramTransport> transport_;
    Queue<ReceivedDatagram> received_;
    std::size_t bytes_ = 0;  ///< of the packets in it
    Event room_;
    Event closed_;
    std::exception_ptr met_;  ///< by the packet that is being sent
    std::exception_ptr end_;
    std::size_t limit_;
    std::size_t dropped_ = 0;
    bool drops_ = true;
    bool sending_ = false;
    bool error_waits_ = false;
};

using ProtocolRef = std::shared_ptr<DatagramSocketProtocol>;

namespace {

Coro<std::optional<Datagram>> receive_next(ProtocolRef protocol) {
    try {
        ReceivedDatagram received = co_await protocol->received().get();
        co_return protocol->taken(std::move(received));
    } catch (const QueueShutDown&) {
        if (protocol->end()) std::rethrow_exception(protocol->end());
        co_return std::nullopt;
    }
}

Coro<Datagram> receive(ProtocolRef protocol) {
    std::optional<Datagram> received = co_await receive_next(std::move(protocol));
    if (!received) raise_closed("recv");
    co_return std::move(*received);
}

Coro<std::string> receive_data(ProtocolRef protocol) {
    Datagram received = co_await receive(std::move(protocol));
    co_return std::move(received.first);
}

Coro<> send_packet(ProtocolRef protocol, BytesView data, SocketAddress address) {
    while (!protocol->room().is_set()) co_await protocol->room().wait();
    protocol->send(data, address);
}

Coro<> wait_until_closed(ProtocolRef protocol) {
    co_await protocol->closed().wait();
    if (protocol->end()) std::rethrow_exception(protocol->end());
}

}  // namespace

/// What the handles share.
class DatagramSocketState {
public:
    explicit DatagramSocketState(ProtocolRef its) noexcept : protocol(std::move(its)) {}
    DatagramSocketState(const DatagramSocketState&) = delete;
    DatagramSocketState& operator=(const DatagramSocketState&) = delete;
    ~DatagramSocketState() { protocol->transport().close(); }

    const ProtocolRef protocol;
};

}  // namespace detail

DatagramSocket::DatagramSocket(std::shared_ptr<detail::DatagramSocketState> state) noexcept
    : state_(std::move(state)) {}

detail::DatagramSocketState& DatagramSocket::state(const char* call) const {
    if (!state_) throw RuntimeError(std::string("DatagramSocket.") + call + "(): there is no socket");
    return *state_;
}

Coro<std::string> DatagramSocket::recv() const { return detail::receive_data(state("recv").protocol); }
Coro<Datagram> DatagramSocket::recvfrom() const { return detail::receive(state("recvfrom").protocol); }
Coro<std::optional<Datagram>> DatagramSocket::next() const {
    return detail::receive_next(state("next").protocol);
}
Coro<> DatagramSocket::send(BytesView data) const {
    return detail::send_packet(state("send").protocol, data, SocketAddress());
}
Coro<> DatagramSocket::sendto(BytesView data, SocketAddress address) const {
    return detail::send_packet(state("sendto").protocol, data, std::move(address));
}

void DatagramSocket::close() const { state("close").protocol->transport().close(); }
bool DatagramSocket::is_closing() const { return state("is_closing").protocol->transport().is_closing(); }
Coro<> DatagramSocket::wait_closed() const {
    return detail::wait_until_closed(state("wait_closed").protocol);
}
Coro<DatagramSocket> DatagramSocket::aenter() const { co_return *this; }
Coro<> DatagramSocket::aexit() const {
    close();
    return wait_closed();
}

std::size_t DatagramSocket::dropped() const { return state("dropped").protocol->dropped(); }
SocketAddress DatagramSocket::sockname() const { return transport().sockname(); }
SocketAddress DatagramSocket::peername() const { return transport().peername(); }
DatagramTransport& DatagramSocket::transport() const { return state("transport").protocol->transport(); }

// --- opening --------------------------------------------------------------------------------------

namespace {

Coro<DatagramSocket> attach(detail::OpenedDatagrams opened, std::size_t limit) {
    const auto protocol = std::make_shared<detail::DatagramSocketProtocol>(limit);
    const Ref<DatagramTransport> transport = co_await detail::attach_datagrams(std::move(opened), protocol);
    try {
        co_return DatagramSocket(std::make_shared<detail::DatagramSocketState>(protocol));
    } catch (...) {  // out of memory
        transport->close();
        throw;
    }
}

}  // namespace

Coro<DatagramSocket> open_datagram_socket(DatagramOptions options) {
    const std::size_t limit = options.get_limit();
    detail::OpenedDatagrams opened = co_await detail::open_datagrams(std::move(options));
    co_return co_await attach(std::move(opened), limit);
}

Coro<DatagramSocket> open_datagram_socket(std::string host, int port, DatagramOptions options) {
    return open_datagram_socket(std::move(options.remote_addr(std::move(host), port)));
}

Coro<DatagramSocket> open_datagram_socket(std::string host, int port) {
    return open_datagram_socket(std::move(host), port, DatagramOptions());
}

Coro<DatagramSocket> open_datagram_socket(Socket socket, DatagramOptions options) {
    detail::check_datagram_socket(socket);
    detail::OpenedDatagrams opened{std::move(socket), SocketAddress()};
    co_return co_await attach(std::move(opened), options.get_limit());
}

Coro<DatagramSocket> open_datagram_socket(Socket socket) {
    return open_datagram_socket(std::move(socket), DatagramOptions());
}

}  // namespace aio
