// SPDX-License-Identifier: MIT
#pragma once

#include <aio/ssl/context.hpp>
#include <aio/ssl/openssl_impl.hpp>

#include <array>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::ssl::detail {

using SessionPtr = std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>>;

/// The sessions that a client may resume, the newest first. Threads: any.
class ClientSessions {
public:
    void set_limit(std::size_t count);
    void put(const std::string& name, SessionPtr session);
    /// The name's session, if there is one. One of TLS 1.3 is offered once, so that nobody can tell
    /// connections by it, and the server gives others; one of TLS 1.2 again and again.
    SessionPtr offer(const std::string& name);
    void clear();

private:
    std::mutex mutex_;
    std::size_t limit_ = 0;
    std::list<std::pair<std::string, SessionPtr>> sessions_;
};

struct ContextState {
    explicit ContextState(Method which);
    ContextState(const ContextState&) = delete;
    ContextState& operator=(const ContextState&) = delete;
    ~ContextState();

    /// What SSL_set_SSL_CTX() does not take over, and SSL_new() does.
    void apply(SSL& ssl) const;
    using Id = std::array<unsigned char, 16>;
    /// Binds sessions to a context as it was with that `id`, and to the name that the client asked for:
    /// whoever asks for another one, or meets a context that demands something else, is looked at anew.
    static void bind_sessions(SSL& ssl, const Id& id, std::string_view name);
    /// Something about trust has changed.
    void renew_id();
    X509_VERIFY_PARAM& verify_param() const { return *SSL_CTX_get0_param(ctx.get()); }

    SslCtxPtr ctx;
    Method method;
    bool check_hostname;
    bool checks_common_name = false;
    bool post_handshake_auth = false;
    VerifyMode verify_mode;
    Id id{};
    std::uint64_t revision = 0;
    int group = 0;     ///< for key exchange, if there is one only
    std::string alpn;  ///< as it is sent
    // Whoever calls one holds it: it may put another in its place.
    std::shared_ptr<Context::SniCallback> sni_callback;
    std::shared_ptr<Context::PskClientCallback> psk_client;
    std::shared_ptr<Context::PskServerCallback> psk_server;
    ClientSessions sessions;
    std::string keylog_filename;
    BioPtr keylog;
    std::mutex keylog_mutex;
};

unsigned psk_as_client(SSL* ssl, const char* hint, char* identity, unsigned identity_size, unsigned char* key,
                       unsigned key_size) noexcept;
unsigned psk_as_server(SSL* ssl, const char* identity, unsigned char* key, unsigned key_size) noexcept;
/// Looks at a ClientHello: calls the sni_callback and binds the session.
int client_hello(SSL* ssl, int* alert, void* context) noexcept;
int select_alpn(SSL* ssl, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                unsigned int in_size, void* context) noexcept;

}  // namespace aio::ssl::detail
