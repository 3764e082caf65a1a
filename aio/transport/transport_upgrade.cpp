// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/compose/async_with.hpp>
#include <aio/compose/timeout.hpp>
#include <aio/transport/transport_upgrade.hpp>

#include <cerrno>
#include <cstdio>

namespace aio {
namespace {

class ProtocolToUpgrade final : public Protocol {
    void connection_made(Transport& transport) override { transport.pause_reading(); }
};

std::string seconds(Duration limit) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", std::chrono::duration<double>(limit).count());
    return text;
}

void check_positive(Duration limit, const char* name) {
    if (limit <= Duration::zero()) {
        throw ValueError(std::string(name) + " should be a positive number, got " + seconds(limit));
    }
}

Coro<Ref<Transport>> shake_hands(std::shared_ptr<TransportUpgrade> context, Ref<Transport> below,
                                 std::shared_ptr<BaseProtocol> protocol, StartTlsOptions options) {
    co_return co_await context->upgrade(std::move(below), std::move(protocol), std::move(options));
}

}  // namespace

namespace detail {

std::shared_ptr<BaseProtocol> protocol_to_upgrade() { return std::make_shared<ProtocolToUpgrade>(); }

Transport& topmost(Transport& below) {
    const std::shared_ptr<BaseProtocol> protocol = below.get_protocol();
    const auto* upgraded = dynamic_cast<const UpgradedProtocol*>(protocol.get());
    Transport* const upper = upgraded ? upgraded->upper() : nullptr;
    return upper ? topmost(*upper) : below;
}

void check_tls_limits(const StartTlsOptions& options) {
    check_positive(options.get_ssl_handshake_timeout(), "ssl_handshake_timeout");
    check_positive(options.get_ssl_shutdown_timeout(), "ssl_shutdown_timeout");
}

}  // namespace detail

Coro<Ref<Transport>> start_tls(Ref<Transport> transport, std::shared_ptr<BaseProtocol> protocol,
                               std::shared_ptr<TransportUpgrade> context, StartTlsOptions options) {
    if (!transport || !context) throw TypeError("start_tls() needs a transport and a context");
    if (!dynamic_cast<StreamProtocol*>(protocol.get())) {
        throw TypeError("start_tls() needs a Protocol or a BufferedProtocol");
    }
    detail::check_tls_limits(options);
    if (transport->is_closing()) throw ConnectionResetError(ECONNRESET, "Connection lost");
    const Duration limit = options.get_ssl_handshake_timeout();
    Timeout watch = timeout(limit);
    try {
        co_return co_await async_with(watch, shake_hands, context, transport, protocol, options);
    } catch (const TimeoutError&) {
        if (!watch.expired()) {
            transport->close();
            throw;
        }
    } catch (...) {
        transport->close();
        throw;
    }
    transport->abort();
    throw ConnectionAbortedError("SSL handshake is taking longer than " + seconds(limit) +
                                 " seconds: aborting the connection");
}

}  // namespace aio
