// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/client/connect/connection_pool_impl.hpp>
#include <aio/client/connect/connector_options.hpp>

#include <string>

namespace aio::http::detail {

inline void check_not_negative(const TimeLimit& limit, const char* name) {
    if (limit.delay() && *limit.delay() < Duration::zero()) {
        throw ValueError(std::string(name) + " must not be negative");
    }
}

/// What of the options is the pool's. Throws ValueError for negative times.
inline PoolLimits pool_limits(const ConnectorOptions& options) {
    check_not_negative(options.get_keepalive_timeout(), "keepalive_timeout");
    check_not_negative(options.get_ssl_shutdown_timeout(), "ssl_shutdown_timeout");
    check_not_negative(options.get_ttl_dns_cache(), "ttl_dns_cache");
    check_not_negative(options.get_happy_eyeballs_delay(), "happy_eyeballs_delay");
    PoolLimits limits;
    limits.in_all = options.get_limit();
    limits.per_host = options.get_limit_per_host();
    limits.keep_idle = options.get_keepalive_timeout().delay();
    limits.force_close = options.get_force_close();
    const auto& shutdown = options.get_ssl_shutdown_timeout().delay();
    limits.shut_down_tls = !shutdown || *shutdown > Duration::zero();
    return limits;
}

}  // namespace aio::http::detail
