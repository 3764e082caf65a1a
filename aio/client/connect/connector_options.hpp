// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/detail/shared_function.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/time.hpp>
#include <aio/client/connect/fingerprint.hpp>
#include <aio/net/resolver.hpp>
#include <aio/transport/socket.hpp>
#include <aio/transport/socket_address.hpp>
#include <aio/transport/transport_upgrade.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace aio::http {

/// Keyword arguments of TCPConnector and, as far as they do not speak of hosts, of UnixConnector.
class ConnectorOptions {
public:
    /// Gives a socket that connects to the address; see socket_factory().
    using SocketFactory = aio::detail::SharedFunction<Socket(const SocketAddress&)>;

    ConnectorOptions() {}
    /// How many connections there may be at the same time; 100. 0 is no limit. Idle ones give way.
    ConnectorOptions& limit(std::size_t connections) & {
        limit_ = connections;
        return *this;
    }
    ConnectorOptions&& limit(std::size_t connections) && AIO_LIFETIME_BOUND {
        return std::move(this->limit(connections));
    }
    /// How many of these for one host, port and way to talk to it; 0, the default, is no limit.
    ConnectorOptions& limit_per_host(std::size_t connections) & {
        limit_per_host_ = connections;
        return *this;
    }
    ConnectorOptions&& limit_per_host(std::size_t connections) && AIO_LIFETIME_BOUND {
        return std::move(this->limit_per_host(connections));
    }
    /// How long a connection is kept that nobody uses; 15 s.
    ConnectorOptions& keepalive_timeout(TimeLimit limit) & {
        keepalive_timeout_ = limit;
        return *this;
    }
    ConnectorOptions&& keepalive_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->keepalive_timeout(limit));
    }
    /// Keeps none.
    ConnectorOptions& force_close(bool on) & {
        force_close_ = on;
        return *this;
    }
    ConnectorOptions&& force_close(bool on) && AIO_LIFETIME_BOUND { return std::move(this->force_close(on)); }
    /// Whether addresses of hosts are kept, and asked for once where several requests need them at the same
    /// time; on.
    ConnectorOptions& use_dns_cache(bool on) & {
        use_dns_cache_ = on;
        return *this;
    }
    ConnectorOptions&& use_dns_cache(bool on) && AIO_LIFETIME_BOUND {
        return std::move(this->use_dns_cache(on));
    }
    /// For how long they are; 10 s. std::nullopt is for ever.
    ConnectorOptions& ttl_dns_cache(TimeLimit limit) & {
        ttl_dns_cache_ = limit;
        return *this;
    }
    ConnectorOptions&& ttl_dns_cache(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->ttl_dns_cache(limit));
    }
    /// AF_INET or AF_INET6 only; AF_UNSPEC, the default, takes both.
    ConnectorOptions& family(int family) & {
        family_ = family;
        return *this;
    }
    ConnectorOptions&& family(int family) && AIO_LIFETIME_BOUND { return std::move(this->family(family)); }
    /// Which address of this machine connections come from; 0 is any port.
    ConnectorOptions& local_addr(std::string host, int port) & {
        local_addr_.emplace(std::move(host), port);
        return *this;
    }
    ConnectorOptions&& local_addr(std::string host, int port) && AIO_LIFETIME_BOUND {
        return std::move(this->local_addr(std::move(host), port));
    }
    /// Who is asked for hosts, in place of the loop's resolver: aio::dns::Resolver, or one of one's own.
    ConnectorOptions& resolver(std::shared_ptr<Resolver> resolver) & {
        resolver_ = std::move(resolver);
        return *this;
    }
    ConnectorOptions&& resolver(std::shared_ptr<Resolver> resolver) && AIO_LIFETIME_BOUND {
        return std::move(this->resolver(std::move(resolver)));
    }
    /// As ConnectOptions::happy_eyeballs_delay(); 250 ms. std::nullopt tries one address after the other.
    ConnectorOptions& happy_eyeballs_delay(TimeLimit delay) & {
        happy_eyeballs_delay_ = delay;
        return *this;
    }
    ConnectorOptions&& happy_eyeballs_delay(TimeLimit delay) && AIO_LIFETIME_BOUND {
        return std::move(this->happy_eyeballs_delay(delay));
    }
    /// As ConnectOptions::interleave().
    ConnectorOptions& interleave(unsigned first_family_count) & {
        interleave_ = first_family_count;
        return *this;
    }
    ConnectorOptions&& interleave(unsigned first_family_count) && AIO_LIFETIME_BOUND {
        return std::move(this->interleave(first_family_count));
    }
    /// Makes the sockets, which must not block and not be connected yet: fn(address) gives one. With it
    /// addresses are tried one after the other.
    ConnectorOptions& socket_factory(SocketFactory fn) & {
        socket_factory_ = std::move(fn);
        return *this;
    }
    ConnectorOptions&& socket_factory(SocketFactory fn) && AIO_LIFETIME_BOUND {
        return std::move(this->socket_factory(std::move(fn)));
    }
    /// The context for https of requests that bring none; by default one as ssl::create_default_context()
    /// makes it. Proxies that are talked to over TLS have it, too.
    ConnectorOptions& ssl(std::shared_ptr<TransportUpgrade> context) & {
        ssl_ = std::move(context);
        return *this;
    }
    ConnectorOptions&& ssl(std::shared_ptr<TransportUpgrade> context) && AIO_LIFETIME_BOUND {
        return std::move(this->ssl(std::move(context)));
    }
    /// For https only to whoever has this certificate; a request may bring another one.
    ConnectorOptions& fingerprint(Fingerprint fingerprint) & {
        fingerprint_ = std::move(fingerprint);
        return *this;
    }
    ConnectorOptions&& fingerprint(Fingerprint fingerprint) && AIO_LIFETIME_BOUND {
        return std::move(this->fingerprint(std::move(fingerprint)));
    }
    /// How long a TLS connection that is closed waits for the peer's goodbye; 0, the default, does not say
    /// goodbye.
    ConnectorOptions& ssl_shutdown_timeout(TimeLimit limit) & {
        ssl_shutdown_timeout_ = limit;
        return *this;
    }
    ConnectorOptions&& ssl_shutdown_timeout(TimeLimit limit) && AIO_LIFETIME_BOUND {
        return std::move(this->ssl_shutdown_timeout(limit));
    }

    std::size_t get_limit() const noexcept { return limit_; }
    std::size_t get_limit_per_host() const noexcept { return limit_per_host_; }
    const TimeLimit& get_keepalive_timeout() const noexcept { return keepalive_timeout_; }
    bool get_force_close() const noexcept { return force_close_; }
    bool get_use_dns_cache() const noexcept { return use_dns_cache_; }
    const TimeLimit& get_ttl_dns_cache() const noexcept { return ttl_dns_cache_; }
    int get_family() const noexcept { return family_; }
    const std::optional<std::pair<std::string, int>>& get_local_addr() const noexcept { return local_addr_; }
    const std::shared_ptr<Resolver>& get_resolver() const noexcept { return resolver_; }
    const TimeLimit& get_happy_eyeballs_delay() const noexcept { return happy_eyeballs_delay_; }
    const std::optional<unsigned>& get_interleave() const noexcept { return interleave_; }
    const SocketFactory& get_socket_factory() const noexcept { return socket_factory_; }
    const std::shared_ptr<TransportUpgrade>& get_ssl() const noexcept { return ssl_; }
    const std::optional<Fingerprint>& get_fingerprint() const noexcept { return fingerprint_; }
    const TimeLimit& get_ssl_shutdown_timeout() const noexcept { return ssl_shutdown_timeout_; }

private:
    std::size_t limit_ = 100;
    std::size_t limit_per_host_ = 0;
    TimeLimit keepalive_timeout_ = std::chrono::seconds(15);
    TimeLimit ttl_dns_cache_ = std::chrono::seconds(10);
    TimeLimit happy_eyeballs_delay_ = std::chrono::milliseconds(250);
    TimeLimit ssl_shutdown_timeout_ = std::chrono::seconds(0);
    std::optional<unsigned> interleave_;
    int family_ = AF_UNSPEC;
    bool force_close_ = false;
    bool use_dns_cache_ = true;
    std::optional<std::pair<std::string, int>> local_addr_;
    std::shared_ptr<Resolver> resolver_;
    SocketFactory socket_factory_;
    std::shared_ptr<TransportUpgrade> ssl_;
    std::optional<Fingerprint> fingerprint_;
};

using TCPConnectorOptions = ConnectorOptions;

}  // namespace aio::http
