// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/connect/connection_pool_impl.hpp>
#include <aio/client/connect/pool_limits_impl.hpp>
#include <aio/client/connect/tcp_maker_impl.hpp>
#include <aio/client/connect/unix_connector.hpp>
#include <aio/client/errors.hpp>
#include <aio/endpoints/unix_sockets.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/ssl/error.hpp>

#include <utility>

namespace aio::http {
namespace {

using detail::ConnectionState;
using detail::PooledProtocol;

/// Makes the connections of a UnixConnector.
class UnixMaker final : public detail::ConnectionMaker {
public:
    UnixMaker(std::string path, const ConnectorOptions& options, detail::ConnectionPool& pool)
        : path_(std::move(path)), options_(options), pool_(pool) {}

    Coro<std::shared_ptr<ConnectionState>> make(ConnectRequest request) override {
        detail::Peer server = detail::server_of(request);
        if (detail::is_tls(request.url)) server.ssl = detail::context_of(request, options_, contexts_);
        const aio::StreamReader reader;
        const TimeLimit limit = detail::limit_of(request);
        const TimePoint began = get_running_loop().time();
        const auto factory = [this, reader] { return pool_.make_protocol(reader); };
        ConnectOptions options = detail::tls_options(server, options_, limit);
        aio::Connection<PooledProtocol> made;
        try {
            made = co_await create_unix_connection(factory, path_, std::move(options));
        } catch (const ssl::SSLError&) {
            detail::raise_connector_error(server, limit, began);
        } catch (const OSError&) {
            raise(server);
        }
        const auto connection = detail::make_state(made, reader, server.ssl != nullptr);
        const auto& fingerprint = detail::fingerprint_of(request, options_);
        if (server.ssl && fingerprint) detail::check_fingerprint(*connection, server, *fingerprint);
        co_return connection;
    }

private:
    [[noreturn]] void raise(const detail::Peer& server) const {
        throw UnixClientConnectorError(path_, {server.host, server.port, server.ssl != nullptr},
                                       std::current_exception());
    }

    const std::string path_;
    const ConnectorOptions options_;
    detail::ConnectionPool& pool_;
    detail::DefaultContexts contexts_;
};

}  // namespace

UnixConnector::UnixConnector(std::string path, ConnectorOptions options)
    : path_(std::move(path)),
      options_(std::move(options)),
      pool_(std::make_shared<detail::ConnectionPool>(detail::pool_limits(options_))),
      maker_(std::make_shared<UnixMaker>(path_, options_, *pool_)) {}

UnixConnector::~UnixConnector() { pool_->abandon(); }

Coro<Connection> UnixConnector::connect(ConnectRequest request) {
    detail::complete(request, options_);
    if (request.proxy) throw ValueError("a Unix socket is not reached through a proxy");
    return detail::ConnectionPool::connect(pool_, maker_, std::move(request));
}

Coro<> UnixConnector::close() { return detail::ConnectionPool::close(pool_); }
bool UnixConnector::closed() const noexcept { return pool_->closed(); }
std::size_t UnixConnector::lent() const noexcept { return pool_->lent(); }
std::size_t UnixConnector::idle() const noexcept { return pool_->idle(); }

}  // namespace aio::http
