// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/endpoints/datagram_endpoint.hpp>
#include <aio/endpoints/socket_file_impl.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/net/datagram_transport.hpp>
#include <aio/net/resolver_impl.hpp>
#include <aio/task/future.hpp>

#include <cerrno>
#include <exception>
#include <vector>

namespace aio {

// --- options; out of line, because every program that includes aio would compile them ---------------

DatagramOptions& DatagramOptions::local_addr(std::string host, int port) & {
    local_ = Address(Address::Kind::host, std::move(host), port);
    return *this;
}
DatagramOptions&& DatagramOptions::local_addr(std::string host, int port) && {
    return std::move(local_addr(std::move(host), port));
}
DatagramOptions& DatagramOptions::local_addr(std::string path) & {
    local_ = Address(Address::Kind::path, std::move(path), 0);
    return *this;
}
DatagramOptions&& DatagramOptions::local_addr(std::string path) && {
    return std::move(local_addr(std::move(path)));
}
DatagramOptions& DatagramOptions::local_addr(SocketAddress address) & {
    local_ = Address(std::move(address));
    return *this;
}
DatagramOptions&& DatagramOptions::local_addr(SocketAddress address) && {
    return std::move(local_addr(std::move(address)));
}

DatagramOptions& DatagramOptions::remote_addr(std::string host, int port) & {
    remote_ = Address(Address::Kind::host, std::move(host), port);
    return *this;
}
DatagramOptions&& DatagramOptions::remote_addr(std::string host, int port) && {
    return std::move(remote_addr(std::move(host), port));
}
DatagramOptions& DatagramOptions::remote_addr(std::string path) & {
    remote_ = Address(Address::Kind::path, std::move(path), 0);
    return *this;
}
DatagramOptions&& DatagramOptions::remote_addr(std::string path) && {
    return std::move(remote_addr(std::move(path)));
}
DatagramOptions& DatagramOptions::remote_addr(SocketAddress address) & {
    remote_ = Address(std::move(address));
    return *this;
}
DatagramOptions&& DatagramOptions::remote_addr(SocketAddress address) && {
    return std::move(remote_addr(std::move(address)));
}

DatagramOptions::Address::Address(Kind kind, std::string text, int port)
    : kind_(kind), port_(port), text_(std::move(text)) {}
DatagramOptions::Address::Address(SocketAddress address)
    : kind_(address.empty() ? Kind::none : Kind::numeric), address_(std::move(address)) {}

namespace detail {
namespace {

using Address = DatagramOptions::Address;

/// The addresses of one attempt. One that is not asked for is empty.
struct Attempt {
    int family;
    SocketAddress local;
    SocketAddress remote;
};

Coro<std::vector<SocketAddress>> resolve(Address address, DatagramOptions options, ResolveFor purpose) {
    switch (address.kind()) {
        case Address::Kind::none:
            co_return std::vector<SocketAddress>();
        case Address::Kind::path:
            co_return std::vector<SocketAddress>(1, SocketAddress::unix_path(address.text()));
        case Address::Kind::numeric:
            co_return std::vector<SocketAddress>(1, address.address());
        case Address::Kind::host:
            break;
    }
    AddrInfoOptions wanted;
    wanted.family(options.get_family()).type(SOCK_DGRAM);
    wanted.proto(options.get_proto()).flags(options.get_flags());
    std::shared_ptr<Resolver> resolver = options.get_resolver().get();
    if (options.get_proto() == 0 && options.get_flags() == 0) {
        co_return co_await resolve_host(address.text(), address.port(), wanted, purpose, std::move(resolver));
    }
    std::vector<AddrInfo> found =
        co_await ask_resolver(std::move(resolver), address.text(), address.port(), wanted);
    if (found.empty()) raise_no_address(address.text());
    co_return addresses_of(std::move(found));
}

const SocketAddress* first_of(int family, const std::vector<SocketAddress>& addresses) {
    for (const SocketAddress& address : addresses) {
        if (address.family() == family) return &address;
    }
    return nullptr;
}

// One for each family that has all that is asked for, in the order of the first mention.
std::vector<Attempt> pair_up(const std::vector<SocketAddress>& locals,
                             const std::vector<SocketAddress>& remotes, int family) {
    std::vector<Attempt> attempts;
    const auto seen = [&](int candidate) {
        for (const Attempt& attempt : attempts) {
            if (attempt.family == candidate) return true;
        }
        return false;
    };
    for (const auto* addresses : {&locals, &remotes}) {
        for (const SocketAddress& address : *addresses) {
            const int candidate = address.family();
            const SocketAddress* const local = first_of(candidate, locals);
            const SocketAddress* const remote = first_of(candidate, remotes);
            if (seen(candidate) || (family != AF_UNSPEC && candidate != family)) continue;
            if ((!locals.empty() && !local) || (!remotes.empty() && !remote)) continue;
            attempts.push_back(
                {candidate, local ? *local : SocketAddress(), remote ? *remote : SocketAddress()});
        }
    }
    return attempts;
}

OpenedDatagrams open_one(const Attempt& attempt, const DatagramOptions& options) {
    const int fd = ::socket(attempt.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, options.get_proto());
    if (fd < 0) raise_os_error(errno, "socket");
    OpenedDatagrams opened{Socket(fd), attempt.remote};
    const Socket& socket = opened.socket;
    if (options.get_reuse_port()) socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
    if (options.get_allow_broadcast()) socket.setsockopt(SOL_SOCKET, SO_BROADCAST, 1);
    if (!attempt.local.empty()) {
        if (attempt.family == AF_UNIX) SocketFile::remove_stale(attempt.local, SOCK_DGRAM);
        socket.bind(attempt.local);
    }
    const SocketAddress& remote = attempt.remote;
    if (!remote.empty() && !options.get_allow_broadcast() &&
        ::connect(fd, remote.native(), remote.native_size()) != 0) {
        raise_os_error(errno, "connect to " + remote.str());
    }
    return opened;
}

}  // namespace

Coro<OpenedDatagrams> open_datagrams(DatagramOptions options) {
    const Address& local = options.get_local_addr();
    const Address& remote = options.get_remote_addr();
    std::vector<Attempt> attempts;
    if (local.kind() == Address::Kind::none && remote.kind() == Address::Kind::none) {
        if (options.get_family() == AF_UNSPEC) throw ValueError("unexpected address family");
        attempts.push_back({options.get_family(), SocketAddress(), SocketAddress()});
    } else {
        const std::vector<SocketAddress> locals = co_await resolve(local, options, ResolveFor::listening);
        const std::vector<SocketAddress> remotes = co_await resolve(remote, options, ResolveFor::connecting);
        attempts = pair_up(locals, remotes, options.get_family());
        if (attempts.empty()) throw ValueError("can not get address information");
    }
    std::exception_ptr first;
    for (const Attempt& attempt : attempts) {
        try {
            co_return open_one(attempt, options);
        } catch (const OSError&) {
            if (!first) first = std::current_exception();
        }
    }
    std::rethrow_exception(first);
}

Coro<Ref<DatagramTransport>> attach_datagrams(OpenedDatagrams opened,
                                              std::shared_ptr<BaseProtocol> protocol) {
    EventLoop& loop = get_running_loop();
    Future<> made = loop.create_future<>();
    Ref<DatagramTransport> transport =
        make_datagram_transport(loop, std::move(opened.socket), std::move(protocol), std::move(opened.peer),
                                UniqueFunction<void()>([made] {
                                    if (!made.done()) made.set_result();
                                }));
    try {
        co_await made;
    } catch (...) {
        transport->close();
        throw;
    }
    co_return transport;
}

void check_datagram_socket(const Socket& socket) {
    if (socket.view().type() != SOCK_DGRAM) {
        throw ValueError("A datagram socket was expected, got " + socket.view().repr());
    }
}

}  // namespace detail
}  // namespace aio
