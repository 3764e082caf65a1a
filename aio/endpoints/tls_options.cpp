// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/endpoints/connection.hpp>
#include <aio/endpoints/server.hpp>
#include <aio/endpoints/tls_options_impl.hpp>

#include <utility>

namespace aio {
namespace detail {
namespace {

void only_with_ssl(bool given, const char* name) {
    if (given) throw ValueError(std::string(name) + " is only meaningful with ssl");
}

}  // namespace

TlsChoice::TlsChoice(const TlsChoice& other) : data_(other.data_ ? new Data(*other.data_) : nullptr) {}

TlsChoice::TlsChoice(TlsChoice&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}

TlsChoice& TlsChoice::operator=(TlsChoice other) noexcept {
    std::swap(data_, other.data_);
    return *this;
}

TlsChoice::~TlsChoice() { delete data_; }

const TlsChoice::Data& TlsChoice::get() const noexcept {
    static const Data nothing;
    return data_ ? *data_ : nothing;
}

TlsChoice::Data& TlsChoice::edit() {
    if (!data_) data_ = new Data;
    return *data_;
}

StartTlsOptions TlsChoice::Data::checked() const {
    if (!ssl) {
        only_with_ssl(server_hostname.has_value(), "server_hostname");
        only_with_ssl(handshake_timeout.delay().has_value(), "ssl_handshake_timeout");
        only_with_ssl(shutdown_timeout.delay().has_value(), "ssl_shutdown_timeout");
    }
    StartTlsOptions options;
    options.ssl_handshake_timeout(handshake_timeout).ssl_shutdown_timeout(shutdown_timeout);
    options.server_hostname(server_hostname.value_or("")).call_connection_made(true);
    check_tls_limits(options);
    return options;
}

ConnectOptions checked_options(ConnectOptions options, const std::string& host) {
    const TlsChoice::Data& tls = options.get_tls().get();
    tls.checked();
    if (tls.ssl && !tls.server_hostname) {
        if (host.empty()) throw ValueError("You must set server_hostname when using ssl without a host");
        options.server_hostname(host);
    }
    return options;
}

}  // namespace detail

ConnectOptions& ConnectOptions::ssl(std::shared_ptr<TransportUpgrade> context) & {
    tls_.edit().ssl = std::move(context);
    return *this;
}
ConnectOptions&& ConnectOptions::ssl(std::shared_ptr<TransportUpgrade> context) && {
    return std::move(ssl(std::move(context)));
}
ConnectOptions& ConnectOptions::server_hostname(std::string name) & {
    tls_.edit().server_hostname = std::move(name);
    return *this;
}
ConnectOptions&& ConnectOptions::server_hostname(std::string name) && {
    return std::move(server_hostname(std::move(name)));
}
ConnectOptions& ConnectOptions::ssl_handshake_timeout(TimeLimit limit) & {
    tls_.edit().handshake_timeout = limit;
    return *this;
}
ConnectOptions&& ConnectOptions::ssl_handshake_timeout(TimeLimit limit) && {
    return std::move(ssl_handshake_timeout(limit));
}
ConnectOptions& ConnectOptions::ssl_shutdown_timeout(TimeLimit limit) & {
    tls_.edit().shutdown_timeout = limit;
    return *this;
}
ConnectOptions&& ConnectOptions::ssl_shutdown_timeout(TimeLimit limit) && {
    return std::move(ssl_shutdown_timeout(limit));
}

ServerOptions& ServerOptions::ssl(std::shared_ptr<TransportUpgrade> context) & {
    tls_.edit().ssl = std::move(context);
    return *this;
}
ServerOptions&& ServerOptions::ssl(std::shared_ptr<TransportUpgrade> context) && {
    return std::move(ssl(std::move(context)));
}
ServerOptions& ServerOptions::ssl_handshake_timeout(TimeLimit limit) & {
    tls_.edit().handshake_timeout = limit;
    return *this;
}
ServerOptions&& ServerOptions::ssl_handshake_timeout(TimeLimit limit) && {
    return std::move(ssl_handshake_timeout(limit));
}
ServerOptions& ServerOptions::ssl_shutdown_timeout(TimeLimit limit) & {
    tls_.edit().shutdown_timeout = limit;
    return *this;
}
ServerOptions&& ServerOptions::ssl_shutdown_timeout(TimeLimit limit) && {
    return std::move(ssl_shutdown_timeout(limit));
}

}  // namespace aio
