// SPDX-License-Identifier: MIT
#pragma once

#include <aio/transport/transport_upgrade.hpp>

#include <memory>

/// TLS for connections of which each end is made by the test, and whose server is called "here".
namespace aio::tests {

std::shared_ptr<TransportUpgrade> tls(bool server_side);
/// TLS in TLS.
std::shared_ptr<TransportUpgrade> tls_in_tls(bool server_side);

}  // namespace aio::tests
