// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/connect/connection_pool_impl.hpp>
#include <aio/client/connect/pool_limits_impl.hpp>
#include <aio/client/connect/tcp_connector.hpp>
#include <aio/client/connect/tcp_maker_impl.hpp>
#include <aio/client/errors.hpp>

#include <utility>

namespace aio::http {

TCPConnector::TCPConnector(ConnectorOptions options)
    : options_(std::move(options)),
      pool_(std::make_shared<detail::ConnectionPool>(detail::pool_limits(options_))),
      maker_(std::make_shared<detail::TcpMaker>(options_, *pool_)) {}

TCPConnector::~TCPConnector() {
    if (pool_->in_open_loop()) maker_->dns().close();
    pool_->abandon();
}

Coro<Connection> TCPConnector::connect(ConnectRequest request) {
    detail::complete(request, options_);
    return detail::ConnectionPool::connect(pool_, maker_, std::move(request));
}

Coro<> TCPConnector::close() {
    maker_->dns().close();
    return detail::ConnectionPool::close(pool_);
}

bool TCPConnector::closed() const noexcept { return pool_->closed(); }
void TCPConnector::clear_dns_cache() noexcept { maker_->dns().clear(); }
void TCPConnector::clear_dns_cache(const std::string& host, std::uint16_t port) {
    maker_->dns().clear(host, port);
}
std::vector<std::pair<std::string, std::uint16_t>> TCPConnector::cached_hosts() const {
    return maker_->dns().hosts();
}
std::size_t TCPConnector::lent() const noexcept { return pool_->lent(); }
std::size_t TCPConnector::idle() const noexcept { return pool_->idle(); }

}  // namespace aio::http
