// SPDX-License-Identifier: MIT
// What a server's context is asked while a client shakes hands.
#include <aio/ssl/engine_impl.hpp>

#include <optional>
#include <string>

namespace aio::ssl::detail {
namespace {

// The name in a server_name extension (RFC 6066); none if it is not well formed.
std::optional<std::string> name_in(const unsigned char* data, std::size_t size) {
    constexpr std::size_t kHead = 5;  // the list's length, the kind of name, the name's length
    if (size <= kHead || data[2] != TLSEXT_NAMETYPE_host_name) return std::nullopt;
    const std::size_t length = static_cast<std::size_t>(data[3]) << 8 | data[4];
    if (length > size - kHead) return std::nullopt;
    std::string name(reinterpret_cast<const char*>(data + kHead), length);
    if (name.find('\0') != std::string::npos) return std::nullopt;
    return name;
}

}  // namespace

// Before OpenSSL looks for a session to resume, so that the session of one name or context is no key to
// another.
int client_hello(SSL* ssl, int* alert, void* context) noexcept {
    Engine& engine = Engine::of(*ssl);
    try {
        const unsigned char* data = nullptr;
        std::size_t size = 0;
        std::optional<std::string> name;
        if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) == 1) {
            name = name_in(data, size);
        }
        // After a HelloRetryRequest: the context was chosen for the first one.
        if (!engine.client_asks_for(name)) {
            *alert = SSL_AD_ILLEGAL_PARAMETER;
            return SSL_CLIENT_HELLO_ERROR;
        }
        if (const auto callback = static_cast<ContextState*>(context)->sni_callback) {
            const std::shared_ptr<Context> here = engine.context();
            SSLObject object(engine.shared_from_this());
            *alert = (*callback)(object, name, *here);
            ERR_clear_error();  // OpenSSL would take what the callback left there for its own
            if (*alert != 0) return SSL_CLIENT_HELLO_ERROR;
        }
        ContextState::bind_sessions(*ssl, engine.context_id(), engine.server_hostname());
        return SSL_CLIENT_HELLO_SUCCESS;
    } catch (...) {
        engine.callback_threw(std::current_exception());
        *alert = SSL_AD_INTERNAL_ERROR;
        return SSL_CLIENT_HELLO_ERROR;
    }
}

int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                unsigned int in_size, void* context) noexcept {
    const std::string& ours = static_cast<ContextState*>(context)->alpn;
    if (ours.empty()) return SSL_TLSEXT_ERR_NOACK;
    unsigned char* found = nullptr;
    const int result =
        SSL_select_next_proto(&found, out_size, reinterpret_cast<const unsigned char*>(ours.data()),
                              static_cast<unsigned>(ours.size()), in, in_size);
    if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
    *out = found;
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace aio::ssl::detail
