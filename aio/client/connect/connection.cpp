// SPDX-License-Identifier: MIT
#include <aio/client/connect/connection_pool_impl.hpp>
#include <aio/client/connect/connection_state_impl.hpp>
#include <aio/client/connector.hpp>

#include <poll.h>

#include <chrono>
#include <utility>

namespace aio::http {
namespace detail {

void PooledProtocol::connection_made(Transport& transport) {
    StreamReaderProtocol::connection_made(transport);
    if (pool_) pool_->protocols_.push_back(*this);
}

void PooledProtocol::connection_lost(std::exception_ptr error) {
    StreamReaderProtocol::connection_lost(std::move(error));
    if (ConnectionPool* const pool = std::exchange(pool_, nullptr)) pool->connection_lost(*this);
}

void PooledProtocol::buffer_updated(std::size_t count) {
    StreamReaderProtocol::buffer_updated(count);
    if (idle_) [[unlikely]]
        pool_->drop(*state_);
}

bool PooledProtocol::eof_received() {
    const bool stay = StreamReaderProtocol::eof_received();
    if (idle_) pool_->drop(*state_);
    return stay;
}

ConnectionState::ConnectionState(aio::StreamReader reader, aio::StreamWriter writer,
                                 std::shared_ptr<PooledProtocol> protocol)
    : reader_(std::move(reader)), writer_(std::move(writer)), protocol_(std::move(protocol)) {
    parser_.emplace(options_);
    if (protocol_) protocol_->state_ = this;
}

ConnectionState::~ConnectionState() { end(false); }

void ConnectionState::set_parser_options(const ParserOptions& options) {
    if (options == options_) return;
    parser_.emplace(options);
    options_ = options;
}

bool ConnectionState::reusable() const noexcept {
    const Transport& transport = writer_.transport();
    return parser_->done() && parser_->head().keep_alive && reader_.buffered().empty() && !reader_.at_eof() &&
           !reader_.exception() && !transport.is_closing() && transport.get_write_buffer_size() == 0;
}

bool ConnectionState::is_quiet(Duration idle) const noexcept {
    if (idle < std::chrono::milliseconds(50)) return true;
    const int fd = writer_.transport().fd();
    if (fd < 0) return true;
    pollfd watched{fd, POLLIN | POLLRDHUP, 0};
    return ::poll(&watched, 1, 0) == 0;
}

void ConnectionState::end(bool grace) noexcept {
    if (protocol_) protocol_->state_ = nullptr;
    Transport& transport = writer_.transport();
    if (transport.is_closing()) return;
    if (transport.get_write_buffer_size() == 0 && (grace || !is_ssl)) {
        transport.close();
    } else {
        transport.abort();
    }
}

void ConnectionState::give_back(std::shared_ptr<ConnectionState> connection, bool keep) noexcept {
    if (const std::shared_ptr<ConnectionPool> pool = std::move(connection->pool_)) {
        pool->take_back(std::move(connection), keep);
    } else {
        connection->end(true);
    }
}

}  // namespace detail

Connection::Connection(aio::StreamReader reader, aio::StreamWriter writer)
    : state_(std::make_shared<detail::ConnectionState>(std::move(reader), std::move(writer), nullptr)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
    Connection taken = std::move(other);
    std::swap(state_, taken.state_);
    return *this;
}

detail::ConnectionState& Connection::state(const char* call) const {
    if (!state_)
        throw RuntimeError(std::string("Connection.") + call + "() after the connection was released");
    return *state_;
}

const aio::StreamReader& Connection::reader() const { return state("reader").reader(); }
const aio::StreamWriter& Connection::writer() const { return state("writer").writer(); }
ResponseParser& Connection::parser() const { return state("parser").parser(); }
bool Connection::reused() const { return state("reused").reused; }
bool Connection::through_proxy() const { return state("through_proxy").through_proxy; }
const std::string& Connection::proxy_authorization() const {
    return state("proxy_authorization").proxy_authorization;
}

void Connection::release() noexcept {
    if (state_) detail::ConnectionState::give_back(std::move(state_), true);
}

void Connection::close() noexcept {
    if (state_) detail::ConnectionState::give_back(std::move(state_), false);
}

Coro<> ConnectTrace::connection_queued_start() { co_return; }
Coro<> ConnectTrace::connection_queued_end() { co_return; }
Coro<> ConnectTrace::connection_create_start() { co_return; }
Coro<> ConnectTrace::connection_create_end() { co_return; }
Coro<> ConnectTrace::connection_reuseconn() { co_return; }
Coro<> ConnectTrace::dns_resolvehost_start(std::string_view) { co_return; }
Coro<> ConnectTrace::dns_resolvehost_end(std::string_view) { co_return; }
Coro<> ConnectTrace::dns_cache_hit(std::string_view) { co_return; }
Coro<> ConnectTrace::dns_cache_miss(std::string_view) { co_return; }

}  // namespace aio::http
