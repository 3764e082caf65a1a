// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/client/connect/connection_pool_impl.hpp>
#include <aio/client/connect/connector_options.hpp>
#include <aio/client/connect/dns_cache_impl.hpp>
#include <aio/endpoints/connection.hpp>
#include <aio/ssl/context.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aio::http::detail {

/// One end of a connection that is to be made: the server, or the proxy.
struct Peer {
    std::string host;
    std::uint16_t port = 0;
    std::shared_ptr<TransportUpgrade> ssl;  ///< null for none
    std::string server_hostname;
    bool is_proxy = false;
};

/// The contexts for those who bring none, made when they are needed.
class DefaultContexts {
public:
    const std::shared_ptr<ssl::Context>& verifying();
    /// For who looks at the certificate itself.
    const std::shared_ptr<ssl::Context>& trusting();

private:
    std::shared_ptr<ssl::Context> verifying_;
    std::shared_ptr<ssl::Context> trusting_;
};

/// Gives the request what the connector has for those that bring none: the pool tells connections apart by
/// it. Throws InvalidUrlClientError or NonHttpUrlClientError for a URL that cannot be connected to.
void complete(ConnectRequest& request, const ConnectorOptions& options);
/// The server that a request with such a URL is for.
Peer server_of(const ConnectRequest& request);
/// For one connect. Zero and less mean none, as in aiohttp.
TimeLimit limit_of(const ConnectRequest& request);
/// What is to be verified for https, in place of or beside its name.
const std::optional<Fingerprint>& fingerprint_of(const ConnectRequest& request,
                                                 const ConnectorOptions& options);
/// The context for https with the request's server.
std::shared_ptr<TransportUpgrade> context_of(const ConnectRequest& request, const ConnectorOptions& options,
                                             DefaultContexts& defaults);
/// Throws ServerFingerprintMismatch.
void check_fingerprint(const ConnectionState& connection, const Peer& server, const Fingerprint& expected);
/// What of the options is TLS's.
ConnectOptions tls_options(const Peer& peer, const ConnectorOptions& options, const TimeLimit& handshake);
/// Turns what is being handled into the client's error. `began`: when.
[[noreturn]] void raise_connector_error(const Peer& peer, const TimeLimit& limit, TimePoint began);

/// Of a connection that was made and belongs to nobody yet.
std::shared_ptr<ConnectionState> make_state(const aio::Connection<PooledProtocol>& made,
                                            const aio::StreamReader& reader, bool is_ssl);

/// Makes the connections of a TCPConnector.
class TcpMaker final : public ConnectionMaker {
public:
    TcpMaker(const ConnectorOptions& options, ConnectionPool& pool);
    Coro<std::shared_ptr<ConnectionState>> make(ConnectRequest request) override;
    DnsCache& dns() const noexcept { return *dns_; }

private:
    using StatePtr = std::shared_ptr<ConnectionState>;

    Coro<StatePtr> open(Peer peer, TimeLimit limit, std::shared_ptr<ConnectTrace> trace);
    Coro<std::vector<SocketAddress>> addresses_of(const Peer& peer, std::shared_ptr<ConnectTrace> trace);
    Coro<Socket> connect_own_socket(std::vector<SocketAddress> addresses, TimeLimit limit) const;
    ConnectOptions connect_options(const Peer& peer, const std::vector<SocketAddress>& addresses,
                                   const TimeLimit& limit) const;
    Coro<StatePtr> make_through_proxy(ConnectRequest request, Peer server);
    Coro<> upgrade(ConnectionState& tunnel, Peer server, TimeLimit limit);
    Peer proxy_of(const ConnectRequest& request);

    const ConnectorOptions options_;
    ConnectionPool& pool_;
    const std::shared_ptr<DnsCache> dns_;
    DefaultContexts contexts_;
};

}  // namespace aio::http::detail
