// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/time.hpp>
#include <aio/transport/socket_address.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::dns {

/// Keyword arguments of Resolver. What is left out comes from the system: /etc/resolv.conf, /etc/hosts.
class ResolverOptions {
public:
    ResolverOptions() {}
    /// Who is asked, in this order: numeric addresses with their ports, usually 53.
    ResolverOptions& servers(std::vector<SocketAddress> servers) & {
        servers_ = std::move(servers);
        return *this;
    }
    ResolverOptions&& servers(std::vector<SocketAddress> servers) && AIO_LIFETIME_BOUND {
        return std::move(this->servers(std::move(servers)));
    }
    /// Domains that names without a dot at their end are looked for in; empty: none.
    ResolverOptions& search(std::vector<std::string> domains) & {
        search_ = std::move(domains);
        return *this;
    }
    ResolverOptions&& search(std::vector<std::string> domains) && AIO_LIFETIME_BOUND {
        return std::move(this->search(std::move(domains)));
    }
    /// A name with so many dots is looked for as it is before the domains of search() are tried.
    ResolverOptions& ndots(int dots) & {
        ndots_ = dots;
        return *this;
    }
    ResolverOptions&& ndots(int dots) && AIO_LIFETIME_BOUND { return std::move(this->ndots(dots)); }
    /// How long a server may take for the first try; each further round allows twice as much. 2 s.
    template <class Rep, class Period>
    ResolverOptions& timeout(std::chrono::duration<Rep, Period> limit) & {
        timeout_ = to_duration(limit);
        return *this;
    }
    template <class Rep, class Period>
    ResolverOptions&& timeout(std::chrono::duration<Rep, Period> limit) && AIO_LIFETIME_BOUND {
        return std::move(this->timeout(limit));
    }
    /// How often each server is asked; 3.
    ResolverOptions& tries(int tries) & {
        tries_ = tries;
        return *this;
    }
    ResolverOptions&& tries(int tries) && AIO_LIFETIME_BOUND { return std::move(this->tries(tries)); }
    /// In place of /etc/resolv.conf.
    ResolverOptions& resolv_conf(std::string path) & {
        resolv_conf_ = std::move(path);
        return *this;
    }
    ResolverOptions&& resolv_conf(std::string path) && AIO_LIFETIME_BOUND {
        return std::move(this->resolv_conf(std::move(path)));
    }
    /// In place of /etc/hosts; empty: none.
    ResolverOptions& hosts_file(std::string path) & {
        hosts_file_ = std::move(path);
        return *this;
    }
    ResolverOptions&& hosts_file(std::string path) && AIO_LIFETIME_BOUND {
        return std::move(this->hosts_file(std::move(path)));
    }
    /// How many answers are kept, positive and negative ones; 0: none. 1000. The one that was not used for
    /// the longest time goes first.
    ResolverOptions& cache_size(std::size_t answers) & {
        cache_size_ = answers;
        return *this;
    }
    ResolverOptions&& cache_size(std::size_t answers) && AIO_LIFETIME_BOUND {
        return std::move(this->cache_size(answers));
    }
    /// No answer is kept for longer, whatever its own time to live; 1 h.
    template <class Rep, class Period>
    ResolverOptions& max_ttl(std::chrono::duration<Rep, Period> limit) & {
        max_ttl_ = to_duration(limit);
        return *this;
    }
    template <class Rep, class Period>
    ResolverOptions&& max_ttl(std::chrono::duration<Rep, Period> limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_ttl(limit));
    }

    const std::vector<SocketAddress>& get_servers() const noexcept { return servers_; }
    const std::optional<std::vector<std::string>>& get_search() const noexcept { return search_; }
    std::optional<int> get_ndots() const noexcept { return ndots_; }
    Duration get_timeout() const noexcept { return timeout_; }
    int get_tries() const noexcept { return tries_; }
    const std::string& get_resolv_conf() const noexcept { return resolv_conf_; }
    const std::string& get_hosts_file() const noexcept { return hosts_file_; }
    std::size_t get_cache_size() const noexcept { return cache_size_; }
    Duration get_max_ttl() const noexcept { return max_ttl_; }

private:
    std::vector<SocketAddress> servers_;
    std::optional<std::vector<std::string>> search_;
    std::optional<int> ndots_;
    Duration timeout_ = std::chrono::seconds(2);
    int tries_ = 3;
    std::string resolv_conf_ = "/etc/resolv.conf";
    std::string hosts_file_ = "/etc/hosts";
    std::size_t cache_size_ = 1000;
    Duration max_ttl_ = std::chrono::hours(1);
};

}  // namespace aio::dns
