// SPDX-License-Identifier: MIT
#include <injection/upgraded_server.hpp>
#include <support/certificates.hpp>

#include <aio/ssl.hpp>

#include <gtest/gtest.h>
#include <string>

namespace aio::tests {
namespace {

struct TlsServer : UpgradedServer {
    TlsServer() {
        static const Identity identity = issue(Wanted());
        const PrivateFolder folder;
        const std::string file = folder.write("both", identity.both());
        const auto secured = ssl::create_default_context(ssl::Purpose::CLIENT_AUTH);
        secured->load_cert_chain(file);
        server_side = secured;
        client_side = ssl::create_default_context(ssl::Purpose::SERVER_AUTH, file);
        server_hostname = "localhost";
    }
};

TEST(TlsInjection, OpenConnection) { inject<ConnectsUpgraded<TlsServer>>(20); }
TEST(TlsInjection, StartTls) { inject<StartsTls<TlsServer>>(20); }

}  // namespace
}  // namespace aio::tests
