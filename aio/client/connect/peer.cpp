// SPDX-License-Identifier: MIT
#include <aio/client/connect/tcp_maker_impl.hpp>
#include <aio/client/errors.hpp>
#include <aio/loop/event_loop.hpp>
#include <aio/ssl/error.hpp>
#include <aio/ssl/ssl_object.hpp>

#include <any>
#include <chrono>
#include <cstddef>

namespace aio::http::detail {
namespace {

// So many servers' sessions are kept, to be taken up by the next connection.
constexpr std::size_t kResumedNames = 256;

std::shared_ptr<ssl::Context> make_context() {
    auto context = ssl::create_default_context();
    context->set_alpn_protocols({"http/1.1"});
    context->set_resumed_names(kResumedNames);
    return context;
}

ConnectionTarget target_of(const Peer& peer) { return {peer.host, peer.port, peer.ssl != nullptr}; }

}  // namespace

const std::shared_ptr<ssl::Context>& DefaultContexts::verifying() {
    if (!verifying_) verifying_ = make_context();
    return verifying_;
}

const std::shared_ptr<ssl::Context>& DefaultContexts::trusting() {
    if (!trusting_) {
        auto context = make_context();
        context->set_check_hostname(false);
        context->set_verify_mode(ssl::CERT_NONE);
        trusting_ = std::move(context);
    }
    return trusting_;
}

void complete(ConnectRequest& request, const ConnectorOptions& options) {
    const std::string_view scheme = request.url.scheme();
    if (!scheme.empty() && scheme != "http" && scheme != "https" && scheme != "ws" && scheme != "wss") {
        throw NonHttpUrlClientError(request.url.str());
    }
    if (scheme.empty() || !request.url.is_absolute())
        throw InvalidUrlClientError(request.url.str(), "no host");
    if (!request.ssl && options.get_ssl()) request.ssl = options.get_ssl();
}

TimeLimit limit_of(const ConnectRequest& request) {
    const auto& delay = request.sock_connect.delay();
    return delay && *delay > Duration::zero() ? request.sock_connect : TimeLimit(std::nullopt);
}

Peer server_of(const ConnectRequest& request) {
    Peer server;
    server.host = host_of(request.url);
    server.port = *request.url.port();
    server.server_hostname = request.server_hostname.empty() ? server.host : request.server_hostname;
    if (server.server_hostname.ends_with('.')) server.server_hostname.pop_back();  // of the DNS root
    return server;
}

const std::optional<Fingerprint>& fingerprint_of(const ConnectRequest& request,
                                                 const ConnectorOptions& options) {
    return request.fingerprint ? request.fingerprint : options.get_fingerprint();
}

std::shared_ptr<TransportUpgrade> context_of(const ConnectRequest& request, const ConnectorOptions& options,
                                             DefaultContexts& defaults) {
    if (request.ssl) return request.ssl;
    return fingerprint_of(request, options) ? defaults.trusting() : defaults.verifying();
}

void check_fingerprint(const ConnectionState& connection, const Peer& server, const Fingerprint& expected) {
    const std::any object = connection.writer().get_extra_info("ssl_object");
    const auto* const tls = std::any_cast<ssl::SSLObject>(&object);
    const auto certificate = tls ? tls->getpeercert() : std::nullopt;
    const std::string got = certificate ? Fingerprint::of(certificate->der()).fingerprint() : std::string();
    if (got != expected.fingerprint()) {
        throw ServerFingerprintMismatch(expected.fingerprint(), got, target_of(server));
    }
}

ConnectOptions tls_options(const Peer& peer, const ConnectorOptions& options, const TimeLimit& handshake) {
    ConnectOptions connect;
    if (!peer.ssl) return connect;
    connect.ssl(peer.ssl).server_hostname(peer.server_hostname).ssl_handshake_timeout(handshake);
    const auto& shutdown = options.get_ssl_shutdown_timeout().delay();
    if (shutdown && *shutdown > Duration::zero()) connect.ssl_shutdown_timeout(*shutdown);
    return connect;
}

std::shared_ptr<ConnectionState> make_state(const aio::Connection<PooledProtocol>& made,
                                            const aio::StreamReader& reader, bool is_ssl) {
    const auto& [transport, protocol] = made;
    try {
        const aio::StreamWriter writer(*transport, protocol, reader);
        auto connection = std::make_shared<ConnectionState>(reader, writer, protocol);
        connection->is_ssl = is_ssl;
        return connection;
    } catch (...) {  // out of memory; nobody else would close it
        transport->abort();
        throw;
    }
}

void raise_connector_error(const Peer& peer, const TimeLimit& limit, TimePoint began) {
    const std::exception_ptr error = std::current_exception();
    ConnectionTarget target = target_of(peer);
    if (exception_ptr_cast<ssl::SSLCertVerificationError>(error)) {
        throw ClientConnectorCertificateError(std::move(target), error);
    }
    if (exception_ptr_cast<ssl::SSLError>(error)) throw ClientConnectorSSLError(std::move(target), error);
    if (limit.delay()) {
        // A handshake that takes too long is aborted.
        const bool aborted = exception_ptr_cast<ConnectionAbortedError>(error) &&
                             get_running_loop().time() - began >= *limit.delay();
        if (aborted || exception_ptr_cast<TimeoutError>(error)) {
            throw ConnectionTimeoutError("connecting to " + peer.host + ':' + std::to_string(peer.port));
        }
    }
    if (peer.is_proxy) throw ClientProxyConnectionError(std::move(target), error);
    throw ClientConnectorError(std::move(target), error);
}

}  // namespace aio::http::detail
