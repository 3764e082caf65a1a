// SPDX-License-Identifier: MIT
#include <injection/upgraded_server.hpp>
#include <support/xor_upgrade.hpp>

#include <gtest/gtest.h>
#include <memory>

namespace aio::tests {
namespace {

struct XorServer : UpgradedServer {
    XorServer() { client_side = server_side = std::make_shared<XorUpgrade>(); }
};

TEST(UpgradeInjection, OpenConnection) { inject<ConnectsUpgraded<XorServer>>(20); }
TEST(UpgradeInjection, StartTls) { inject<StartsTls<XorServer>>(20); }

}  // namespace
}  // namespace aio::tests
