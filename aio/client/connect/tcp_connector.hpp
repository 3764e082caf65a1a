// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/client/connect/connector_options.hpp>
#include <aio/client/connector.hpp>
#include <aio/task/coro.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace aio::http {

namespace detail {
class ConnectionPool;
class TcpMaker;
}  // namespace detail

/// Connections over TCP, with TLS for https, through proxies if requests say so, that are kept for the next
/// request. Mirrors aiohttp.TCPConnector.
///
/// The surprising rule: limits count what is in use. A connection that nobody uses never makes a request
/// wait; it is closed if its place is needed.
///
/// Lifetime: close() it, or use it in a ClientSession, which does; where it goes without that its connections
/// are closed at once, and debug mode reports it.
/// Threads: the loop's in which it connects first; RuntimeError in others.
class TCPConnector final : public BaseConnector {
public:
    /// Throws ValueError for negative times.
    explicit TCPConnector(ConnectorOptions options = ConnectorOptions());
    ~TCPConnector() override;

    /// Throws, beside what BaseConnector says: ClientConnectorError and its kinds, ConnectionTimeoutError,
    /// ServerFingerprintMismatch; of a proxy ClientProxyConnectionError and ClientHttpProxyError.
    Coro<Connection> connect(ConnectRequest request) override;
    Coro<> close() override;
    bool closed() const noexcept override;

    /// Forgets what is known of all hosts, or of one.
    void clear_dns_cache() noexcept;
    void clear_dns_cache(const std::string& host, std::uint16_t port);
    /// Which hosts and ports it knows addresses of, those also whose time is over.
    std::vector<std::pair<std::string, std::uint16_t>> cached_hosts() const;

    const ConnectorOptions& options() const noexcept { return options_; }
    std::size_t limit() const noexcept { return options_.get_limit(); }
    std::size_t limit_per_host() const noexcept { return options_.get_limit_per_host(); }
    bool force_close() const noexcept { return options_.get_force_close(); }
    /// How many connections are in use, or being made, and how many are kept.
    std::size_t lent() const noexcept;
    std::size_t idle() const noexcept;

private:
    const ConnectorOptions options_;
    const std::shared_ptr<detail::ConnectionPool> pool_;
    const std::shared_ptr<detail::TcpMaker> maker_;
};

}  // namespace aio::http
