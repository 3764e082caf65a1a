// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/unique_function.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/transport.hpp>
#include <aio/transport/transport_group.hpp>

#include <utility>

namespace aio {

class EventLoop;

/// What a transport over a socket is told at its making.
class SocketTransportOptions {
public:
    SocketTransportOptions() {}
    /// The peer's address, if it is known already: saves a system call.
    SocketTransportOptions& peername(SocketAddress address) & {
        peername_ = std::move(address);
        return *this;
    }
    SocketTransportOptions&& peername(SocketAddress address) && AIO_LIFETIME_BOUND {
        return std::move(this->peername(std::move(address)));
    }
    /// The group that the transport belongs to while it is open.
    SocketTransportOptions& group(Ref<TransportGroup> group) & {
        group_ = std::move(group);
        return *this;
    }
    SocketTransportOptions&& group(Ref<TransportGroup> group) && AIO_LIFETIME_BOUND {
        return std::move(this->group(std::move(group)));
    }
    /// Called once from the loop, right after connection_made() and the start of reading (S127).
    SocketTransportOptions& on_made(UniqueFunction<void()> callback) & {
        on_made_ = std::move(callback);
        return *this;
    }
    SocketTransportOptions&& on_made(UniqueFunction<void()> callback) && AIO_LIFETIME_BOUND {
        return std::move(this->on_made(std::move(callback)));
    }

    const SocketAddress& get_peername() const noexcept { return peername_; }
    const Ref<TransportGroup>& get_group() const noexcept { return group_; }
    UniqueFunction<void()> take_on_made() noexcept { return std::move(on_made_); }

private:
    friend class SocketTransportBase;
    SocketAddress peername_;
    Ref<TransportGroup> group_;
    UniqueFunction<void()> on_made_;
};

/// Makes a loop's transports over sockets: what create_connection(), create_server() and all that stands on
/// them use, so that a loop may have other ones than make_socket_transport() gives, such as a test's.
class TransportFactory {
public:
    TransportFactory() noexcept = default;
    TransportFactory(const TransportFactory&) = delete;
    TransportFactory& operator=(const TransportFactory&) = delete;
    virtual ~TransportFactory() = default;

    /// A transport over a connected stream socket, by the rules of make_socket_transport().
    virtual Ref<Transport> make_transport(EventLoop& loop, Socket socket,
                                          std::shared_ptr<BaseProtocol> protocol,
                                          SocketTransportOptions options) = 0;
};

/// Takes another factory for the connections that `loop` makes and accepts from now on; null restores the
/// default. The loop lets go of it when it closes. Throws RuntimeError if that has happened. Threads: the
/// loop's.
void set_transport_factory(EventLoop& loop, std::shared_ptr<TransportFactory> factory);
/// The loop's factory, never null. The default makes what suits the loop's poller.
std::shared_ptr<TransportFactory> get_transport_factory(EventLoop& loop);

namespace detail {
/// Defined by aio/net: what loops have that were given no factory, and for tests another default.
std::shared_ptr<TransportFactory> default_transport_factory();
void set_default_transport_factory(std::shared_ptr<TransportFactory> factory);
}  // namespace detail

}  // namespace aio
