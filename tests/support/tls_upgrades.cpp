// SPDX-License-Identifier: MIT
#include <support/certificates.hpp>
#include <support/tls_upgrades.hpp>

#include <aio/ssl.hpp>

#include <utility>

namespace aio::tests {
namespace {

std::shared_ptr<ssl::Context> make_context(bool server_side) {
    static const Identity authority = issue_authority("authority");
    if (!server_side) {
        return ssl::create_default_context(ssl::Purpose::SERVER_AUTH, "", "", authority.certificate());
    }
    Wanted wanted;
    wanted.names = "DNS:here";
    const PrivateFolder folder;
    auto context = ssl::create_default_context(ssl::Purpose::CLIENT_AUTH);
    context->load_cert_chain(folder.write("here.pem", issue(wanted, &authority).both()));
    return context;
}

class TwiceUpgrade final : public TransportUpgrade {
public:
    explicit TwiceUpgrade(std::shared_ptr<TransportUpgrade> each) : each_(std::move(each)) {}
    Coro<Ref<Transport>> upgrade(Ref<Transport> below, std::shared_ptr<BaseProtocol> protocol,
                                 StartTlsOptions options) override {
        StartTlsOptions first = options;
        first.call_connection_made(false);
        Ref<Transport> outer =
            co_await each_->upgrade(std::move(below), aio::detail::protocol_to_upgrade(), first);
        options.received("");
        co_return co_await each_->upgrade(std::move(outer), std::move(protocol), std::move(options));
    }

private:
    std::shared_ptr<TransportUpgrade> each_;
};

}  // namespace

std::shared_ptr<TransportUpgrade> tls(bool server_side) {
    static const std::shared_ptr<ssl::Context> client = make_context(false);
    static const std::shared_ptr<ssl::Context> server = make_context(true);
    return server_side ? server : client;
}

std::shared_ptr<TransportUpgrade> tls_in_tls(bool server_side) {
    return std::make_shared<TwiceUpgrade>(tls(server_side));
}

}  // namespace aio::tests
