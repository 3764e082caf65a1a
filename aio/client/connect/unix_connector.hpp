// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/client/connect/connector_options.hpp>
#include <aio/client/connector.hpp>
#include <aio/task/coro.hpp>

#include <cstddef>
#include <string>

namespace aio::http {

namespace detail {
class ConnectionMaker;
class ConnectionPool;
}  // namespace detail

/// Connections to one Unix socket, whichever host the URLs name; these still choose TLS and which connections
/// are shared. Mirrors aiohttp.UnixConnector. Otherwise as TCPConnector.
class UnixConnector final : public BaseConnector {
public:
    /// A path, or an abstract name, which begins with a zero byte. Of the options those count that do not
    /// speak of hosts. Throws ValueError for negative times.
    explicit UnixConnector(std::string path, ConnectorOptions options = ConnectorOptions());
    ~UnixConnector() override;

    /// Throws, beside what BaseConnector says: UnixClientConnectorError, kinds of ClientSSLError, and
    /// ValueError for a request that is to go through a proxy.
    Coro<Connection> connect(ConnectRequest request) override;
    Coro<> close() override;
    bool closed() const noexcept override;

    const std::string& path() const noexcept { return path_; }
    const ConnectorOptions& options() const noexcept { return options_; }
    std::size_t lent() const noexcept;
    std::size_t idle() const noexcept;

private:
    const std::string path_;
    const ConnectorOptions options_;
    const std::shared_ptr<detail::ConnectionPool> pool_;
    const std::shared_ptr<detail::ConnectionMaker> maker_;
};

}  // namespace aio::http
