// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/time.hpp>
#include <aio/endpoints/detail/tls_choice.hpp>
#include <aio/transport/transport_upgrade.hpp>

#include <optional>
#include <string>

namespace aio::detail {

struct TlsChoice::Data {
    std::shared_ptr<TransportUpgrade> ssl;
    std::optional<std::string> server_hostname;
    TimeLimit handshake_timeout = std::nullopt;
    TimeLimit shutdown_timeout = std::nullopt;

    /// For start_tls(). Throws ValueError for limits that are not positive, or that were given without ssl.
    StartTlsOptions checked() const;
};

}  // namespace aio::detail
