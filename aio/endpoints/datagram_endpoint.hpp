// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/memory.hpp>
#include <aio/endpoints/detail/resolver_choice.hpp>
#include <aio/task/coro.hpp>
#include <aio/transport/protocol.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/socket_address.hpp>
#include <aio/transport/transport.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace aio {

/// Keyword arguments of create_datagram_endpoint() and open_datagram_socket().
///
/// An address is a host, which is looked up, with a port; the path of a Unix socket, where one that begins
/// with
/// '\0' is an abstract name; or a SocketAddress. There is no reuse_address(): two programs with SO_REUSEADDR
/// share a UDP port without being asked.
class DatagramOptions {
public:
    DatagramOptions() {}
    /// Binds to this address. A Unix path that nobody receives at any more is replaced.
    DatagramOptions& local_addr(std::string host, int port) &;
    DatagramOptions&& local_addr(std::string host, int port) && AIO_LIFETIME_BOUND;
    DatagramOptions& local_addr(std::string path) &;
    DatagramOptions&& local_addr(std::string path) && AIO_LIFETIME_BOUND;
    DatagramOptions& local_addr(SocketAddress address) &;
    DatagramOptions&& local_addr(SocketAddress address) && AIO_LIFETIME_BOUND;
    /// Sends to this address and receives from no other; but with allow_broadcast() it receives from all.
    DatagramOptions& remote_addr(std::string host, int port) &;
    DatagramOptions&& remote_addr(std::string host, int port) && AIO_LIFETIME_BOUND;
    DatagramOptions& remote_addr(std::string path) &;
    DatagramOptions&& remote_addr(std::string path) && AIO_LIFETIME_BOUND;
    DatagramOptions& remote_addr(SocketAddress address) &;
    DatagramOptions&& remote_addr(SocketAddress address) && AIO_LIFETIME_BOUND;
    /// AF_INET, AF_INET6 or AF_UNIX; needed where there is no address.
    DatagramOptions& family(int family) & {
        family_ = family;
        return *this;
    }
    DatagramOptions&& family(int family) && AIO_LIFETIME_BOUND { return std::move(this->family(family)); }
    /// The protocol, as of socket(2), and AI_ bits for the look-up of names.
    DatagramOptions& proto(int proto) & {
        proto_ = proto;
        return *this;
    }
    DatagramOptions&& proto(int proto) && AIO_LIFETIME_BOUND { return std::move(this->proto(proto)); }
    DatagramOptions& flags(int flags) & {
        flags_ = flags;
        return *this;
    }
    DatagramOptions&& flags(int flags) && AIO_LIFETIME_BOUND { return std::move(this->flags(flags)); }
    /// Who is asked for the hosts' names, as ConnectOptions::resolver().
    DatagramOptions& resolver(std::shared_ptr<Resolver> resolver) &;
    DatagramOptions&& resolver(std::shared_ptr<Resolver> resolver) && AIO_LIFETIME_BOUND;
    /// SO_REUSEPORT: several endpoints of a user that all ask for it may bind the same port.
    DatagramOptions& reuse_port(bool on) & {
        reuse_port_ = on;
        return *this;
    }
    DatagramOptions&& reuse_port(bool on) && AIO_LIFETIME_BOUND { return std::move(this->reuse_port(on)); }
    /// SO_BROADCAST: packets may go to broadcast addresses.
    DatagramOptions& allow_broadcast(bool on) & {
        allow_broadcast_ = on;
        return *this;
    }
    DatagramOptions&& allow_broadcast(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->allow_broadcast(on));
    }
    /// How many received packets a DatagramSocket keeps at most; 1,024. All together they may have 16 KiB for
    /// each: 16 MiB.
    DatagramOptions& limit(std::size_t packets) & {
        limit_ = packets;
        return *this;
    }
    DatagramOptions&& limit(std::size_t packets) && AIO_LIFETIME_BOUND {
        return std::move(this->limit(packets));
    }

    /// One of the addresses.
    class Address {
    public:
        enum class Kind : unsigned char { none, host, path, numeric };
        Kind kind() const noexcept { return kind_; }
        /// The host or the path.
        const std::string& text() const noexcept { return text_; }
        int port() const noexcept { return port_; }
        const SocketAddress& address() const noexcept { return address_; }

    private:
        friend class DatagramOptions;
        Address() noexcept {}
        Address(Kind kind, std::string text, int port);
        explicit Address(SocketAddress address);
        Kind kind_ = Kind::none;
        int port_ = 0;
        std::string text_;
        SocketAddress address_;
    };
    const Address& get_local_addr() const noexcept { return local_; }
    const Address& get_remote_addr() const noexcept { return remote_; }
    int get_family() const noexcept { return family_; }
    int get_proto() const noexcept { return proto_; }
    int get_flags() const noexcept { return flags_; }
    const detail::ResolverChoice& get_resolver() const noexcept { return resolver_; }
    bool get_reuse_port() const noexcept { return reuse_port_; }
    bool get_allow_broadcast() const noexcept { return allow_broadcast_; }
    std::size_t get_limit() const noexcept { return limit_; }

private:
    Address local_;
    Address remote_;
    int family_ = AF_UNSPEC;
    int proto_ = 0;
    int flags_ = 0;
    bool reuse_port_ = false;
    bool allow_broadcast_ = false;
    std::size_t limit_ = 1024;
    detail::ResolverChoice resolver_;
};

/// What create_datagram_endpoint() gives: the transport and the protocol that the factory made.
template <class P>
using DatagramEndpoint = std::pair<Ref<DatagramTransport>, std::shared_ptr<P>>;

/// Makes a DatagramProtocol, held by a shared_ptr.
template <class F>
concept DatagramProtocolFactory = std::invocable<F&> && requires(F& factory) {
    { detail::invoke(factory) } -> std::convertible_to<std::shared_ptr<DatagramProtocol>>;
};

namespace detail {

/// A datagram socket, and where it sends to.
struct OpenedDatagrams {
    Socket socket;
    SocketAddress peer;
};
Coro<OpenedDatagrams> open_datagrams(DatagramOptions options);
/// Makes the transport and waits until its connection_made() was called.
Coro<Ref<DatagramTransport>> attach_datagrams(OpenedDatagrams opened, std::shared_ptr<BaseProtocol> protocol);
void check_datagram_socket(const Socket& socket);

template <class F>
Coro<DatagramEndpoint<typename std::invoke_result_t<F&>::element_type>> make_datagram_endpoint(
    F factory, OpenedDatagrams opened) {
    using P = typename std::invoke_result_t<F&>::element_type;
    std::shared_ptr<P> protocol = detail::invoke(factory);
    Ref<DatagramTransport> transport = co_await attach_datagrams(std::move(opened), protocol);
    co_return DatagramEndpoint<P>(std::move(transport), std::move(protocol));
}

template <class F>
Coro<DatagramEndpoint<typename std::invoke_result_t<F&>::element_type>> open_datagram_endpoint(
    F factory, DatagramOptions options) {
    OpenedDatagrams opened = co_await open_datagrams(std::move(options));
    co_return co_await make_datagram_endpoint<F>(std::move(factory), std::move(opened));
}

template <class F>
Coro<DatagramEndpoint<typename std::invoke_result_t<F&>::element_type>> adopt_datagram_endpoint(
    F factory, Socket socket) {
    check_datagram_socket(socket);
    OpenedDatagrams opened{std::move(socket), SocketAddress()};
    co_return co_await make_datagram_endpoint<F>(std::move(factory), std::move(opened));
}

}  // namespace detail

/// Opens a socket for packets and gives (transport, protocol), after connection_made() was called. Mirrors
/// loop.create_datagram_endpoint(). `factory` is called once the socket is bound and connected.
///
/// With names, each family for which there is a local and a remote address, as far as they are asked for, is
/// tried. Throws the first attempt's OSError; gaierror for a host that cannot be resolved; ValueError for a
/// bad port, for no address and no family, and where no family suits. Cancellation: immediate; the socket is
/// closed.
template <DatagramProtocolFactory F>
auto create_datagram_endpoint(F factory, DatagramOptions options) {
    return detail::open_datagram_endpoint<F>(std::move(factory), std::move(options));
}

/// The same over `socket`, which is taken over as it is: what asyncio's `sock=` stands for. Throws ValueError
/// if it is no datagram socket.
template <DatagramProtocolFactory F>
auto create_datagram_endpoint(F factory, Socket socket) {
    return detail::adopt_datagram_endpoint<F>(std::move(factory), std::move(socket));
}

}  // namespace aio
