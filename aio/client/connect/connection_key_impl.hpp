// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/client/connector.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

namespace aio::http::detail {

/// Whether it is to be talked to over TLS: https and wss.
bool is_tls(const URL& url) noexcept;
/// A host as it is given to a resolver and to TLS: international names are encoded, addresses without
/// brackets and with "%" before a zone. Empty if the URL has none.
std::string host_of(const URL& url);

/// Which connections a request can use, as views of it: those of which all of this is the same. Mirrors
/// aiohttp's ConnectionKey.
struct ConnectionKeyView {
    std::string_view host;
    std::uint16_t port = 0;
    bool is_ssl = false;
    const TransportUpgrade* ssl = nullptr;
    std::uint64_t ssl_revision = 0;
    std::string_view server_hostname;
    std::string_view fingerprint;
    std::string_view proxy;  // with user and password
    std::string_view proxy_authorization;
    std::string_view proxy_headers;
    bool tunnel = false;

    friend bool operator==(const ConnectionKeyView&, const ConnectionKeyView&) = default;
    auto tied() const noexcept {
        return std::tie(host, port, is_ssl, ssl, ssl_revision, server_hostname, fingerprint, proxy,
                        proxy_authorization, proxy_headers, tunnel);
    }
};

ConnectionKeyView key_of(const ConnectRequest& request) noexcept;

struct ConnectionKey {
    std::string host;
    std::string server_hostname;
    std::string fingerprint;
    std::string proxy;
    std::string proxy_authorization;
    std::string proxy_headers;
    std::shared_ptr<TransportUpgrade> ssl;  // kept, so that no other can have its address
    std::uint64_t ssl_revision = 0;
    std::uint16_t port = 0;
    bool is_ssl = false;
    bool tunnel = false;

    explicit ConnectionKey(const ConnectRequest& request);
    ConnectionKeyView view() const noexcept {
        return {host,          port,         is_ssl,
                ssl.get(),     ssl_revision, server_hostname,
                fingerprint,   proxy,        proxy_authorization,
                proxy_headers, tunnel};
    }
};

/// Any order; a tree cannot be made slow by the names that somebody chose for hosts.
struct ConnectionKeyLess {
    using is_transparent = void;
    static const ConnectionKeyView& view(const ConnectionKeyView& key) noexcept { return key; }
    static ConnectionKeyView view(const ConnectionKey& key) noexcept { return key.view(); }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const noexcept {
        return view(a).tied() < view(b).tied();
    }
};

}  // namespace aio::http::detail
