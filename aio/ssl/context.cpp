// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/ssl/context_impl.hpp>
#include <aio/ssl/engine_impl.hpp>
#include <aio/ssl/error.hpp>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace aio::ssl {
namespace {

// Those of CPython 3.10 and later.
constexpr const char* kCiphers =
    "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM";

static_assert(OP_CIPHER_SERVER_PREFERENCE == SSL_OP_CIPHER_SERVER_PREFERENCE);
static_assert(OP_NO_COMPRESSION == SSL_OP_NO_COMPRESSION && OP_NO_TICKET == SSL_OP_NO_TICKET);
static_assert(OP_NO_RENEGOTIATION == SSL_OP_NO_RENEGOTIATION);
static_assert(OP_NO_TLSv1_2 == SSL_OP_NO_TLSv1_2 && OP_NO_TLSv1_3 == SSL_OP_NO_TLSv1_3);
static_assert(VERIFY_CRL_CHECK_LEAF == X509_V_FLAG_CRL_CHECK);
static_assert(VERIFY_CRL_CHECK_CHAIN == (X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL));
static_assert(VERIFY_X509_STRICT == X509_V_FLAG_X509_STRICT);
static_assert(VERIFY_X509_TRUSTED_FIRST == X509_V_FLAG_TRUSTED_FIRST);
static_assert(VERIFY_X509_PARTIAL_CHAIN == X509_V_FLAG_PARTIAL_CHAIN);

int keep_session(SSL* ssl, SSL_SESSION* session) {
    detail::Engine::of(*ssl).keep_session(detail::SessionPtr(session));
    return 1;  // it is ours now
}

// Says in the answer that the name was understood; client_hello() has dealt with it.
int server_name_is_known(SSL*, int*, void*) { return SSL_TLSEXT_ERR_OK; }

void write_key(const SSL* ssl, const char* line) {
    auto& state = detail::Engine::of(const_cast<SSL&>(*ssl)).context()->state();
    const std::lock_guard lock(state.keylog_mutex);
    if (!state.keylog) return;
    BIO_printf(state.keylog.get(), "%s\n", line);
    (void)BIO_flush(state.keylog.get());
}

int number_of(TLSVersion version) {
    switch (version) {
        case TLSVersion::TLSv1_3:
            return TLS1_3_VERSION;
        case TLSVersion::MAXIMUM_SUPPORTED:
            return 0;
        default:
            return TLS1_2_VERSION;
    }
}

}  // namespace

namespace detail {

ContextState::ContextState(Method which)
    : ctx(or_no_memory(
          SSL_CTX_new(which == PROTOCOL_TLS_CLIENT ? TLS_client_method() : TLS_server_method()))),
      method(which),
      check_hostname(which == PROTOCOL_TLS_CLIENT),
      verify_mode(which == PROTOCOL_TLS_CLIENT ? CERT_REQUIRED : CERT_NONE) {
    SSL_CTX_set_options(ctx.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION |
                                       SSL_OP_NO_RENEGOTIATION | SSL_OP_SINGLE_DH_USE |
                                       SSL_OP_SINGLE_ECDH_USE | SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
    SSL_CTX_set_mode(ctx.get(),
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
    if (!SSL_CTX_set_cipher_list(ctx.get(), kCiphers)) raise_queued_error("no cipher can be selected");
    SSL_CTX_set_min_proto_version(ctx.get(), TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(ctx.get(), 0);
    X509_VERIFY_PARAM_set_flags(&verify_param(), X509_V_FLAG_TRUSTED_FIRST);
    renew_id();
    if (method == PROTOCOL_TLS_SERVER) {
        SSL_CTX_set_client_hello_cb(ctx.get(), &client_hello, this);
        SSL_CTX_set_tlsext_servername_callback(ctx.get(), &server_name_is_known);
        SSL_CTX_set_alpn_select_cb(ctx.get(), &select_alpn, this);
    }
}

ContextState::~ContextState() = default;

void ContextState::renew_id() {
    if (RAND_bytes(id.data(), static_cast<int>(id.size())) != 1) raise_queued_error("no random bytes");
    sessions.clear();
    ++revision;
}

void ContextState::apply(SSL& ssl) const {
    SSL_clear_options(&ssl, ~std::uint64_t(0));
    SSL_set_options(&ssl, SSL_CTX_get_options(ctx.get()));
    SSL_set_min_proto_version(&ssl, static_cast<int>(SSL_CTX_get_min_proto_version(ctx.get())));
    SSL_set_max_proto_version(&ssl, static_cast<int>(SSL_CTX_get_max_proto_version(ctx.get())));
    SSL_set_num_tickets(&ssl, SSL_CTX_get_num_tickets(ctx.get()));
    X509_VERIFY_PARAM* const own = SSL_get0_param(&ssl);
    X509_VERIFY_PARAM_clear_flags(own, X509_VERIFY_PARAM_get_flags(own));  // set1 only adds to them
    if (X509_VERIFY_PARAM_set1(own, &verify_param()) != 1) throw std::bad_alloc();
    int mode = SSL_VERIFY_NONE;
    if (verify_mode != CERT_NONE) mode = SSL_VERIFY_PEER;
    if (verify_mode == CERT_REQUIRED) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    if (method == PROTOCOL_TLS_CLIENT) {
        SSL_set_post_handshake_auth(&ssl, post_handshake_auth ? 1 : 0);
    } else if (mode != SSL_VERIFY_NONE && post_handshake_auth) {
        mode |= SSL_VERIFY_POST_HANDSHAKE;
    }
    SSL_set_verify(&ssl, mode, nullptr);
    int only = group;
    if (only != 0 && SSL_set1_groups(&ssl, &only, 1) != 1) throw std::bad_alloc();
    SSL_set_psk_server_callback(&ssl, psk_server ? &psk_as_server : nullptr);
}

void ContextState::bind_sessions(SSL& ssl, const Id& id, std::string_view name) {
    std::string text(reinterpret_cast<const char*>(id.data()), id.size());
    text += name;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr) != 1 ||
        SSL_set_session_id_context(&ssl, digest, size) != 1) {
        raise_queued_error("the session cannot be bound");
    }
}

void ClientSessions::set_limit(std::size_t count) {
    const std::lock_guard lock(mutex_);
    limit_ = count;
    while (sessions_.size() > limit_) sessions_.pop_back();
}

void ClientSessions::put(const std::string& name, SessionPtr session) {
    const std::lock_guard lock(mutex_);
    sessions_.remove_if([&](const auto& item) { return item.first == name; });
    sessions_.emplace_front(name, std::move(session));
    if (sessions_.size() > limit_) sessions_.pop_back();
}

SessionPtr ClientSessions::offer(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                    [&](const auto& item) { return item.first == name; });
    if (found == sessions_.end()) return nullptr;
    if (SSL_SESSION_get_protocol_version(found->second.get()) == TLS1_3_VERSION) {
        SessionPtr session = std::move(found->second);
        sessions_.erase(found);
        return session;
    }
    SSL_SESSION_up_ref(found->second.get());
    return SessionPtr(found->second.get());
}

void ClientSessions::clear() {
    const std::lock_guard lock(mutex_);
    sessions_.clear();
}

}  // namespace detail

Context::Context(Method method) : state_(std::make_unique<detail::ContextState>(method)) {}
Context::~Context() = default;

Method Context::protocol() const noexcept { return state_->method; }
std::uint64_t Context::revision() const noexcept { return state_->revision; }

void Context::set_check_hostname(bool on) {
    if (on && state_->verify_mode == CERT_NONE) set_verify_mode(CERT_REQUIRED);
    state_->check_hostname = on;
    state_->renew_id();
}
bool Context::check_hostname() const noexcept { return state_->check_hostname; }

void Context::set_verify_mode(VerifyMode mode) {
    if (mode == CERT_NONE && state_->check_hostname) {
        throw ValueError("Cannot set verify_mode to CERT_NONE when check_hostname is enabled.");
    }
    state_->verify_mode = mode;
    state_->renew_id();
}
VerifyMode Context::verify_mode() const noexcept { return state_->verify_mode; }

void Context::set_post_handshake_auth(bool on) {
    state_->post_handshake_auth = on;
    state_->renew_id();
}
bool Context::post_handshake_auth() const noexcept { return state_->post_handshake_auth; }

void Context::set_verify_flags(std::uint64_t flags) {
    X509_VERIFY_PARAM& param = state_->verify_param();
    X509_VERIFY_PARAM_clear_flags(&param, X509_VERIFY_PARAM_get_flags(&param));
    X509_VERIFY_PARAM_set_flags(&param, static_cast<unsigned long>(flags));
    state_->renew_id();
}
std::uint64_t Context::verify_flags() const noexcept {
    return X509_VERIFY_PARAM_get_flags(&state_->verify_param());
}

void Context::set_hostname_checks_common_name(bool on) {
    state_->checks_common_name = on;
    state_->renew_id();
}
bool Context::hostname_checks_common_name() const noexcept { return state_->checks_common_name; }

void Context::set_minimum_version(TLSVersion version) {
    const int number = version == TLSVersion::MAXIMUM_SUPPORTED ? TLS1_3_VERSION : number_of(version);
    SSL_CTX_set_min_proto_version(state_->ctx.get(), number);
    ++state_->revision;
}
void Context::set_maximum_version(TLSVersion version) {
    SSL_CTX_set_max_proto_version(state_->ctx.get(), number_of(version));
    ++state_->revision;
}
TLSVersion Context::minimum_version() const noexcept {
    const bool newest = SSL_CTX_get_min_proto_version(state_->ctx.get()) == TLS1_3_VERSION;
    return newest ? TLSVersion::TLSv1_3 : TLSVersion::TLSv1_2;
}
TLSVersion Context::maximum_version() const noexcept {
    const auto number = SSL_CTX_get_max_proto_version(state_->ctx.get());
    if (number == 0) return TLSVersion::MAXIMUM_SUPPORTED;
    return number == TLS1_3_VERSION ? TLSVersion::TLSv1_3 : TLSVersion::TLSv1_2;
}

void Context::set_ciphers(const std::string& ciphers) {
    if (SSL_CTX_set_cipher_list(state_->ctx.get(), ciphers.c_str()) != 1) {
        ERR_clear_error();
        throw SSLError("No cipher can be selected.");
    }
    ++state_->revision;
}
std::vector<Cipher> Context::get_ciphers() const {
    std::vector<Cipher> ciphers;
    const STACK_OF(SSL_CIPHER)* const stack = SSL_CTX_get_ciphers(state_->ctx.get());
    for (int i = 0; i < sk_SSL_CIPHER_num(stack); ++i) {
        const SSL_CIPHER* const cipher = sk_SSL_CIPHER_value(stack, i);
        ciphers.push_back(Cipher{SSL_CIPHER_get_name(cipher), SSL_CIPHER_get_version(cipher),
                                 SSL_CIPHER_get_bits(cipher, nullptr)});
    }
    return ciphers;
}

void Context::set_options(std::uint64_t options) noexcept {
    SSL_CTX_clear_options(state_->ctx.get(), ~options);
    SSL_CTX_set_options(state_->ctx.get(), options);
    ++state_->revision;
}
std::uint64_t Context::options() const noexcept { return SSL_CTX_get_options(state_->ctx.get()); }

void Context::set_alpn_protocols(const std::vector<std::string>& protocols) {
    std::string wire;
    for (const std::string& name : protocols) {
        if (name.empty() || name.size() > 255) throw SSLError("ALPN protocols must be 1 to 255 in length");
        wire += static_cast<char>(name.size());
        wire += name;
    }
    const auto* const bytes = reinterpret_cast<const unsigned char*>(wire.data());
    if (SSL_CTX_set_alpn_protos(state_->ctx.get(), bytes, static_cast<unsigned>(wire.size())) != 0) {
        throw std::bad_alloc();
    }
    state_->alpn = std::move(wire);
    ++state_->revision;
}

void Context::set_sni_callback(SniCallback callback) {
    state_->sni_callback = callback ? std::make_shared<SniCallback>(std::move(callback)) : nullptr;
}

void Context::set_resumed_names(std::size_t count) {
    if (state_->method != PROTOCOL_TLS_CLIENT)
        throw ValueError("set_resumed_names() is for a client's context");
    state_->sessions.set_limit(count);
    const long mode = count > 0 ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_OFF;
    SSL_CTX_set_session_cache_mode(state_->ctx.get(), mode);
    SSL_CTX_sess_set_new_cb(state_->ctx.get(), count > 0 ? &keep_session : nullptr);
}
void Context::set_num_tickets(std::size_t count) { SSL_CTX_set_num_tickets(state_->ctx.get(), count); }
std::size_t Context::num_tickets() const noexcept { return SSL_CTX_get_num_tickets(state_->ctx.get()); }

SessionStats Context::session_stats() const noexcept {
    SSL_CTX* const ctx = state_->ctx.get();
    return {SSL_CTX_sess_number(ctx),
            SSL_CTX_sess_connect(ctx),
            SSL_CTX_sess_connect_good(ctx),
            SSL_CTX_sess_connect_renegotiate(ctx),
            SSL_CTX_sess_accept(ctx),
            SSL_CTX_sess_accept_good(ctx),
            SSL_CTX_sess_accept_renegotiate(ctx),
            SSL_CTX_sess_hits(ctx),
            SSL_CTX_sess_misses(ctx),
            SSL_CTX_sess_timeouts(ctx),
            SSL_CTX_sess_cache_full(ctx)};
}

void Context::set_keylog_filename(const std::string& path) {
    detail::BioPtr file;
    if (!path.empty()) {
        std::FILE* const stream = std::fopen(path.c_str(), "ae");
        if (!stream) raise_os_error(errno, "open " + path);
        file.reset(BIO_new_fp(stream, BIO_CLOSE | BIO_FP_TEXT));
        if (!file) {
            std::fclose(stream);
            throw std::bad_alloc();
        }
    }
    const std::lock_guard lock(state_->keylog_mutex);
    state_->keylog = std::move(file);
    state_->keylog_filename = path;
    SSL_CTX_set_keylog_callback(state_->ctx.get(), path.empty() ? nullptr : &write_key);
}
std::string Context::keylog_filename() const { return state_->keylog_filename; }

std::shared_ptr<Context> create_default_context(Purpose purpose, const std::string& cafile,
                                                const std::string& capath, BytesView cadata) {
    const bool client = purpose == Purpose::SERVER_AUTH;
    auto context = std::make_shared<Context>(client ? PROTOCOL_TLS_CLIENT : PROTOCOL_TLS_SERVER);
    context->set_verify_flags(context->verify_flags() | VERIFY_X509_PARTIAL_CHAIN | VERIFY_X509_STRICT);
    if (!cafile.empty() || !capath.empty() || !cadata.empty()) {
        context->load_verify_locations(cafile, capath, cadata);
    } else if (client) {
        context->load_default_certs();
    }
    if (const char* const path = std::getenv("SSLKEYLOGFILE"); path && *path) {
        context->set_keylog_filename(path);
    }
    return context;
}

}  // namespace aio::ssl
