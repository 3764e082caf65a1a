// SPDX-License-Identifier: MIT
#include <aio/client/connect/proxy_tunnel_impl.hpp>
#include <aio/client/connect/tcp_maker_impl.hpp>
#include <aio/client/errors.hpp>
#include <aio/compose/wait_for.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/net/resolver_impl.hpp>
#include <aio/net/sock.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace aio::http::detail {
namespace {

/// Knows the addresses of one host, and asks another one for all else, such as the local address.
class KnownHost final : public Resolver {
public:
    KnownHost(std::string host, std::vector<SocketAddress> addresses, std::shared_ptr<Resolver> others)
        : host_(std::move(host)), addresses_(std::move(addresses)), others_(std::move(others)) {}

    Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, std::uint16_t port,
                                            AddrInfoOptions options) override {
        if (host != host_) {
            const auto others = others_ ? others_ : get_resolver(get_running_loop());
            co_return co_await others->getaddrinfo(std::move(host), port, options);
        }
        std::vector<AddrInfo> found;
        for (const SocketAddress& address : addresses_) {
            AddrInfo& info = found.emplace_back();
            info.family = address.family();
            info.type = SOCK_STREAM;
            info.address = address;
        }
        co_return found;
    }

private:
    const std::string host_;
    const std::vector<SocketAddress> addresses_;
    const std::shared_ptr<Resolver> others_;
};

}  // namespace

TcpMaker::TcpMaker(const ConnectorOptions& options, ConnectionPool& pool)
    : options_(options),
      pool_(pool),
      dns_(std::make_shared<DnsCache>(options.get_resolver(), options.get_family(),
                                      options.get_use_dns_cache(), options.get_ttl_dns_cache())) {}

Coro<TcpMaker::StatePtr> TcpMaker::make(ConnectRequest request) {
    Peer server = server_of(request);
    if (is_tls(request.url)) server.ssl = context_of(request, options_, contexts_);
    if (request.proxy) co_return co_await make_through_proxy(std::move(request), std::move(server));
    StatePtr connection = co_await open(server, limit_of(request), request.trace);
    const auto& fingerprint = fingerprint_of(request, options_);
    if (server.ssl && fingerprint) check_fingerprint(*connection, server, *fingerprint);
    co_return connection;
}

Coro<std::vector<SocketAddress>> TcpMaker::addresses_of(const Peer& peer,
                                                        std::shared_ptr<ConnectTrace> trace) {
    auto numeric =
        aio::detail::try_resolve_numeric(peer.host, peer.port, options_.get_family(), ResolveFor::connecting);
    if (numeric) co_return std::move(*numeric);
    std::exception_ptr failure;
    try {
        co_return aio::detail::addresses_of(co_await dns_->resolve(peer.host, peer.port, std::move(trace)));
    } catch (const OSError&) {
        failure = std::current_exception();
    }
    throw ClientConnectorDNSError({peer.host, peer.port, peer.ssl != nullptr}, failure);
}

ConnectOptions TcpMaker::connect_options(const Peer& peer, const std::vector<SocketAddress>& addresses,
                                         const TimeLimit& limit) const {
    ConnectOptions connect = tls_options(peer, options_, limit);
    connect.family(options_.get_family());
    connect.resolver(std::make_shared<KnownHost>(peer.host, addresses, options_.get_resolver()));
    if (const auto& local = options_.get_local_addr()) connect.local_addr(local->first, local->second);
    if (const auto& count = options_.get_interleave()) connect.interleave(*count);
    std::optional<Duration> delay = options_.get_happy_eyeballs_delay().delay();
    if (addresses.size() < 2) delay.reset();
    if (limit.delay()) {
        // The limit is each address's. The last attempt begins when all the delays have passed.
        if (delay) delay = std::min(*delay, *limit.delay());
        const Duration others = delay.value_or(*limit.delay()) * static_cast<long>(addresses.size() - 1);
        connect.connect_timeout(others + *limit.delay());
    }
    if (delay) connect.happy_eyeballs_delay(*delay);
    return connect;
}

Coro<TcpMaker::StatePtr> TcpMaker::open(Peer peer, TimeLimit limit, std::shared_ptr<ConnectTrace> trace) {
    const std::vector<SocketAddress> addresses = co_await addresses_of(peer, std::move(trace));
    const TimePoint began = get_running_loop().time();
    const aio::StreamReader reader;
    const auto factory = [this, reader] { return pool_.make_protocol(reader); };
    aio::Connection<PooledProtocol> made;
    try {
        if (options_.get_socket_factory()) {
            Socket socket = co_await connect_own_socket(addresses, limit);
            ConnectOptions tls = tls_options(peer, options_, limit);
            made = co_await create_connection(factory, std::move(socket), std::move(tls));
        } else {
            ConnectOptions connect = connect_options(peer, addresses, limit);
            made = co_await create_connection(factory, peer.host, peer.port, std::move(connect));
        }
    } catch (const OSError&) {
        raise_connector_error(peer, limit, began);
    }
    co_return make_state(made, reader, peer.ssl != nullptr);
}

Coro<Socket> TcpMaker::connect_own_socket(std::vector<SocketAddress> addresses, TimeLimit limit) const {
    std::exception_ptr failure;
    for (const SocketAddress& address : addresses) {
        try {
            Socket socket = options_.get_socket_factory()(address);
            co_await wait_for(sock_connect(socket.view(), address), limit);
            co_return socket;
        } catch (const OSError&) {
            if (!failure) failure = std::current_exception();
        }
    }
    std::rethrow_exception(failure);
}

Peer TcpMaker::proxy_of(const ConnectRequest& request) {
    const URL& url = *request.proxy;
    Peer proxy;
    proxy.is_proxy = true;
    proxy.host = host_of(url);
    const std::string shown = proxy.host.empty() ? url.str() : url.with_user(std::nullopt).str();
    if (proxy.host.empty() || !url.port()) throw InvalidURL(shown, "a proxy has a host and a port");
    if (url.scheme() != "http" && url.scheme() != "https") {
        throw InvalidURL(shown, "only http and https proxies are supported");
    }
    proxy.port = *url.port();
    proxy.server_hostname = proxy.host;
    if (!is_tls(url)) return proxy;
    proxy.ssl = request.ssl;
    if (!proxy.ssl) proxy.ssl = contexts_.verifying();
    return proxy;
}

Coro<TcpMaker::StatePtr> TcpMaker::make_through_proxy(ConnectRequest request, Peer server) {
    const Peer proxy = proxy_of(request);
    const TimeLimit limit = limit_of(request);
    StatePtr connection = co_await open(proxy, limit, request.trace);
    if (!server.ssl && !request.tunnel) {
        connection->through_proxy = true;
        connection->proxy_authorization = proxy_authorization_of(request);
        co_return connection;
    }
    const TimePoint began = get_running_loop().time();
    try {
        co_await wait_for(open_tunnel(*connection, request), limit);
    } catch (const OSError&) {
        raise_connector_error(proxy, limit, began);
    }
    if (!server.ssl) co_return connection;
    co_await upgrade(*connection, server, limit);
    if (const auto& fingerprint = fingerprint_of(request, options_)) {
        check_fingerprint(*connection, server, *fingerprint);
    }
    co_return connection;
}

Coro<> TcpMaker::upgrade(ConnectionState& tunnel, Peer server, TimeLimit limit) {
    const TimePoint began = get_running_loop().time();
    StartTlsOptions options;
    options.server_hostname(server.server_hostname).ssl_handshake_timeout(limit);
    const auto& shutdown = options_.get_ssl_shutdown_timeout().delay();
    if (shutdown && *shutdown > Duration::zero()) options.ssl_shutdown_timeout(*shutdown);
    try {
        co_await tunnel.writer().start_tls(server.ssl, std::move(options));
    } catch (const OSError&) {
        raise_connector_error(server, limit, began);
    }
    tunnel.is_ssl = true;
}

}  // namespace aio::http::detail
