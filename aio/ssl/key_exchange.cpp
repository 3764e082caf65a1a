// SPDX-License-Identifier: MIT
// What connections agree on their keys with, besides certificates.
#include <aio/base/error.hpp>
#include <aio/ssl/engine_impl.hpp>
#include <aio/ssl/error.hpp>

#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace aio::ssl {
namespace detail {
namespace {

using PkeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

std::optional<std::string> text_or_none(const char* text) {
    if (!text || !*text) return std::nullopt;
    return text;
}

unsigned copy_key(const std::string& key, unsigned char* out, unsigned size) {
    if (key.size() > size) throw ValueError("the pre-shared key is too long");
    std::memcpy(out, key.data(), key.size());
    return static_cast<unsigned>(key.size());
}

}  // namespace

unsigned psk_as_client(SSL* ssl, const char* hint, char* identity, unsigned identity_size, unsigned char* key,
                       unsigned key_size) noexcept {
    Engine& engine = Engine::of(*ssl);
    try {
        const auto callback = engine.context()->state().psk_client;
        if (!callback) return 0;
        const auto answer = (*callback)(text_or_none(hint));
        ERR_clear_error();
        if (answer.first.size() >= identity_size || answer.first.find('\0') != std::string::npos) {
            throw ValueError("the identity of the pre-shared key is too long or holds a null character");
        }
        std::memcpy(identity, answer.first.c_str(), answer.first.size() + 1);
        return copy_key(answer.second, key, key_size);
    } catch (...) {
        engine.callback_threw(std::current_exception());
        return 0;
    }
}

unsigned psk_as_server(SSL* ssl, const char* identity, unsigned char* key, unsigned key_size) noexcept {
    Engine& engine = Engine::of(*ssl);
    try {
        const auto callback = engine.context()->state().psk_server;
        if (!callback) return 0;
        const std::string answer = (*callback)(text_or_none(identity));
        ERR_clear_error();
        return copy_key(answer, key, key_size);
    } catch (...) {
        engine.callback_threw(std::current_exception());
        return 0;
    }
}

}  // namespace detail

void Context::set_ecdh_curve(const std::string& name) {
    int group = OBJ_sn2nid(name.c_str());
    ERR_clear_error();
    if (group == NID_undef) throw ValueError("unknown elliptic curve name '" + name + "'");
    if (SSL_CTX_set1_groups(state_->ctx.get(), &group, 1) != 1) {
        detail::raise_queued_error(("not a group for key exchange: " + name).c_str());
    }
    state_->group = group;
}

void Context::load_dh_params(const std::string& path) {
    std::FILE* const file = std::fopen(path.c_str(), "re");
    if (!file) raise_os_error(errno, "open " + path);
    const std::unique_ptr<std::FILE, detail::Freed<std::fclose>> closed(file);
    ERR_clear_error();
    const detail::BioPtr bio(detail::or_no_memory(BIO_new_fp(file, BIO_NOCLOSE)));
    detail::PkeyPtr parameters(PEM_read_bio_Parameters(bio.get(), nullptr));
    if (!parameters) detail::raise_queued_error(("no parameters in " + path).c_str());
    if (SSL_CTX_set0_tmp_dh_pkey(state_->ctx.get(), parameters.get()) != 1) {
        detail::raise_queued_error(("no usable parameters in " + path).c_str());
    }
    (void)parameters.release();
}

void Context::set_psk_client_callback(PskClientCallback callback) {
    if (state_->method != PROTOCOL_TLS_CLIENT) {
        throw SSLError("Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context");
    }
    SSL_CTX_set_psk_client_callback(state_->ctx.get(), callback ? &detail::psk_as_client : nullptr);
    state_->psk_client = callback ? std::make_shared<PskClientCallback>(std::move(callback)) : nullptr;
    state_->renew_id();
}

void Context::set_psk_server_callback(PskServerCallback callback,
                                      const std::optional<std::string>& identity_hint) {
    if (state_->method != PROTOCOL_TLS_SERVER) {
        throw SSLError("Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context");
    }
    const char* const hint = callback && identity_hint ? identity_hint->c_str() : nullptr;
    ERR_clear_error();
    if (SSL_CTX_use_psk_identity_hint(state_->ctx.get(), hint) != 1) {
        detail::raise_queued_error("the identity hint cannot be used");
    }
    SSL_CTX_set_psk_server_callback(state_->ctx.get(), callback ? &detail::psk_as_server : nullptr);
    state_->psk_server = callback ? std::make_shared<PskServerCallback>(std::move(callback)) : nullptr;
    state_->renew_id();
}

}  // namespace aio::ssl
