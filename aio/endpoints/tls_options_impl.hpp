// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/time.hpp>
#include <aio/transport/transport_upgrade.hpp>

namespace aio::detail {

/// What connections and servers give to start_tls(). Throws ValueError for limits that are not positive.
StartTlsOptions tls_options(const TimeLimit& handshake_timeout, const TimeLimit& shutdown_timeout);
/// Throws ValueError for limits that were given without a context.
void check_no_tls(const TimeLimit& handshake_timeout, const TimeLimit& shutdown_timeout);

}  // namespace aio::detail
