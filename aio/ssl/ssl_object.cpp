// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/ssl/engine_impl.hpp>
#include <aio/ssl/ssl_object.hpp>

namespace aio::ssl {
namespace {

std::vector<Certificate> certificates_of(const STACK_OF(X509) * chain) {
    std::vector<Certificate> certificates;
    for (int i = 0; chain && i < sk_X509_num(chain); ++i) {
        certificates.push_back(detail::certificate_of(*sk_X509_value(chain, i)));
    }
    return certificates;
}

std::string hexadecimal(const unsigned char* bytes, unsigned size) {
    constexpr const char* kDigits = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += kDigits[bytes[i] >> 4];
        text += kDigits[bytes[i] & 15];
    }
    return text;
}

Cipher cipher_of(const SSL_CIPHER& cipher) {
    return {SSL_CIPHER_get_name(&cipher), SSL_CIPHER_get_version(&cipher),
            SSL_CIPHER_get_bits(&cipher, nullptr)};
}

}  // namespace

std::shared_ptr<Context> SSLObject::context() const { return engine_->context(); }

void SSLObject::set_context(std::shared_ptr<Context> context) const {
    if (!context || context->protocol() != PROTOCOL_TLS_SERVER) {
        throw ValueError("set_context() needs a server's context");
    }
    if (!engine_->server_side() || SSL_get_state(&engine_->ssl()) != TLS_ST_SR_CLNT_HELLO) {
        throw ValueError("set_context() is for sni_callback");
    }
    engine_->switch_context(std::move(context));
}

bool SSLObject::server_side() const noexcept { return engine_->server_side(); }
std::string SSLObject::server_hostname() const { return engine_->server_hostname(); }

std::optional<Certificate> SSLObject::getpeercert() const {
    X509* const x509 = SSL_get0_peer_certificate(&engine_->ssl());
    if (!x509) return std::nullopt;
    return detail::certificate_of(*x509);
}

std::vector<Certificate> SSLObject::get_unverified_chain() const {
    std::vector<Certificate> chain = certificates_of(SSL_get_peer_cert_chain(&engine_->ssl()));
    if (engine_->server_side()) {  // OpenSSL leaves the client's own out there
        if (const auto own = getpeercert()) chain.insert(chain.begin(), *own);
    }
    return chain;
}

std::vector<Certificate> SSLObject::get_verified_chain() const {
    return certificates_of(SSL_get0_verified_chain(&engine_->ssl()));
}

void SSLObject::verify_client_post_handshake() const {
    ERR_clear_error();
    if (SSL_verify_client_post_handshake(&engine_->ssl()) != 1) {
        detail::raise_queued_error("the client cannot be asked");
    }
}

std::optional<std::string> SSLObject::version() const {
    if (!SSL_is_init_finished(&engine_->ssl())) return std::nullopt;
    return SSL_get_version(&engine_->ssl());
}

std::optional<Cipher> SSLObject::cipher() const {
    const SSL_CIPHER* const cipher = SSL_get_current_cipher(&engine_->ssl());
    if (!cipher) return std::nullopt;
    return cipher_of(*cipher);
}

std::optional<std::vector<Cipher>> SSLObject::shared_ciphers() const {
    const STACK_OF(SSL_CIPHER)* const ours = SSL_get_ciphers(&engine_->ssl());
    STACK_OF(SSL_CIPHER)* const theirs = SSL_get_client_ciphers(&engine_->ssl());
    if (!ours || !theirs) return std::nullopt;
    std::vector<Cipher> shared;
    for (int i = 0; i < sk_SSL_CIPHER_num(ours); ++i) {
        const SSL_CIPHER* const cipher = sk_SSL_CIPHER_value(ours, i);
        if (sk_SSL_CIPHER_find(theirs, cipher) >= 0) shared.push_back(cipher_of(*cipher));
    }
    return shared;
}

std::optional<std::string> SSLObject::selected_alpn_protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(&engine_->ssl(), &name, &size);
    if (!name) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(name), size);
}

std::optional<std::string> SSLObject::get_channel_binding(const std::string& type) const {
    if (type != "tls-unique") throw ValueError(type + " channel binding type not implemented");
    SSL& ssl = engine_->ssl();
    char bytes[EVP_MAX_MD_SIZE];
    const bool peers = (SSL_session_reused(&ssl) != 0) != engine_->server_side();
    const std::size_t size = peers ? SSL_get_peer_finished(&ssl, bytes, sizeof bytes)
                                   : SSL_get_finished(&ssl, bytes, sizeof bytes);
    if (size == 0) return std::nullopt;
    return std::string(bytes, size);
}

int SSLObject::pending() const noexcept { return SSL_pending(&engine_->ssl()); }

std::optional<SSLSession> SSLObject::session() const {
    SSL_SESSION* const session = SSL_get_session(&engine_->ssl());
    if (!session) return std::nullopt;
    unsigned size = 0;
    const unsigned char* const id = SSL_SESSION_get_id(session, &size);
    return SSLSession{hexadecimal(id, size), static_cast<long>(SSL_SESSION_get_time(session)),
                      static_cast<long>(SSL_SESSION_get_timeout(session)),
                      SSL_SESSION_has_ticket(session) != 0};
}

bool SSLObject::session_reused() const noexcept { return SSL_session_reused(&engine_->ssl()) != 0; }

}  // namespace aio::ssl
