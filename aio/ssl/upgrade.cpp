// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/ssl/tls_transport_impl.hpp>

#include <cerrno>
#include <optional>
#include <string>

namespace aio::ssl {
namespace {

std::shared_ptr<detail::Engine> engine_for(std::shared_ptr<Context> context, const StartTlsOptions& options) {
    const bool server_side = options.get_server_side();
    if (server_side != (context->protocol() == PROTOCOL_TLS_SERVER)) {
        throw ValueError(server_side ? "a server needs a context made with PROTOCOL_TLS_SERVER"
                                     : "a client needs a context made with PROTOCOL_TLS_CLIENT");
    }
    std::optional<std::string> name;
    if (options.has_server_hostname()) name = options.get_server_hostname();
    return std::make_shared<detail::Engine>(std::move(context), server_side, name);
}

}  // namespace

Coro<Ref<Transport>> Context::upgrade(Ref<Transport> below, std::shared_ptr<BaseProtocol> protocol,
                                      StartTlsOptions options) {
    if (below->is_closing()) throw ConnectionResetError(ECONNRESET, "Connection lost");
    auto engine = engine_for(shared_from_this(), options);
    const Ref<detail::TlsTransport> upper(
        new detail::TlsTransport(get_running_loop(), below, std::move(protocol), std::move(engine), options));
    below->set_protocol(std::make_shared<detail::TlsLink>(upper));
    below->resume_reading();
    upper->begin(options.get_received());
    co_await upper->handshake();
    if (below->is_closing()) throw ConnectionResetError(ECONNRESET, "Connection lost");
    upper->open(options.get_call_connection_made());
    co_return upper;
}

}  // namespace aio::ssl
