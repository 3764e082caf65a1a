// SPDX-License-Identifier: MIT
#include <aio/client/connect/connection_key_impl.hpp>

namespace aio::http::detail {

bool is_tls(const URL& url) noexcept {
    const std::string_view scheme = url.scheme();
    return scheme == "https" || scheme == "wss";
}

std::string host_of(const URL& url) {
    const std::string_view raw = url.raw_host().value_or(std::string_view());
    if (raw.find(':') != std::string_view::npos) return *url.host();
    return std::string(raw);
}

ConnectionKeyView key_of(const ConnectRequest& request) noexcept {
    ConnectionKeyView key;
    key.host = request.url.raw_host().value_or(std::string_view());
    key.port = request.url.port().value_or(0);
    key.is_ssl = is_tls(request.url);
    if (key.is_ssl) {
        key.ssl = request.ssl.get();
        key.server_hostname = request.server_hostname;
        if (request.fingerprint) key.fingerprint = request.fingerprint->fingerprint();
    }
    if (request.proxy) {
        key.ssl = request.ssl.get();  // the proxy's TLS has it as well
        key.proxy = request.proxy->str();
        if (request.proxy_authorization) key.proxy_authorization = *request.proxy_authorization;
        key.proxy_headers = request.proxy_headers.text();
        key.tunnel = request.tunnel;
    }
    if (key.ssl) key.ssl_revision = key.ssl->revision();
    return key;
}

ConnectionKey::ConnectionKey(const ConnectRequest& request) {
    const ConnectionKeyView key = key_of(request);
    host = key.host;
    port = key.port;
    is_ssl = key.is_ssl;
    if (key.ssl) ssl = request.ssl;
    ssl_revision = key.ssl_revision;
    server_hostname = key.server_hostname;
    fingerprint = key.fingerprint;
    proxy = key.proxy;
    proxy_authorization = key.proxy_authorization;
    proxy_headers = key.proxy_headers;
    tunnel = key.tunnel;
}

}  // namespace aio::http::detail
