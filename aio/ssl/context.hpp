// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/base/memory.hpp>
#include <aio/base/unique_function.hpp>
#include <aio/ssl/constants.hpp>
#include <aio/ssl/ssl_object.hpp>
#include <aio/transport/transport_upgrade.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::ssl {

namespace detail {
struct ContextState;
}

/// How many connections and sessions there were; Python's session_stats() has the same names.
struct SessionStats {
    long number, connect, connect_good, connect_renegotiate, accept, accept_good, accept_renegotiate;
    long hits, misses, timeouts, cache_full;
};
/// What is trusted, without what only folders hold; Python's cert_store_stats().
struct CertStoreStats {
    std::size_t x509, crl, x509_ca;
};

/// How connections are to be secured: certificates, whom to trust, which versions. Mirrors ssl.SSLContext.
/// What ConnectOptions::ssl(), ServerOptions::ssl() and start_tls() take.
///
///     auto context = ssl::create_default_context();
///     auto streams = co_await open_connection("example.org", 443, ConnectOptions().ssl(context));
///
/// To be owned by a std::shared_ptr. A change concerns the connections made after it.
/// Threads: configured by one, then used by any.
class Context final : public TransportUpgrade, public std::enable_shared_from_this<Context> {
public:
    using PasswordCallback = UniqueFunction<std::string()>;
    /// Told whom a client asks for, if it says so. Gives 0, or the number of the alert that ends the
    /// handshake.
    using SniCallback = UniqueFunction<int(SSLObject&, const std::optional<std::string>&, Context&)>;
    /// Given the server's hint, if it sent one, gives this client's identity and the key; an empty key
    /// refuses.
    using PskClientCallback =
        UniqueFunction<std::pair<std::string, std::string>(const std::optional<std::string>&)>;
    /// Given the client's identity, gives the key; an empty one refuses.
    using PskServerCallback = UniqueFunction<std::string(const std::optional<std::string>&)>;

    /// TLS 1.2 or newer. A client's asks for a certificate and checks its host name, but trusts nobody yet; a
    /// server's has no certificate yet and asks clients for none. create_default_context() does more.
    explicit Context(Method method);
    ~Context() override;

    // --- certificates ---------------------------------------------------------------------------

    /// Loads this end's certificate, and those between it and a trusted one, and its private key, which may
    /// stand in the same file, from PEM files. Throws FileNotFoundError and its kin, SSLError for what does
    /// not fit.
    void load_cert_chain(const std::string& certfile, const std::string& keyfile = std::string(),
                         const std::string& password = std::string());
    /// The same; `password` is asked if the key is encrypted.
    void load_cert_chain(const std::string& certfile, const std::string& keyfile, PasswordCallback password);

    /// Trusts the certificates of a PEM file, of a folder that `openssl rehash` has prepared, and of memory
    /// (PEM or DER). Empty stands for none; throws TypeError if all are, OSError and SSLError for what cannot
    /// be used.
    void load_verify_locations(const std::string& cafile, const std::string& capath = std::string(),
                               BytesView cadata = BytesView());
    /// Trusts whom the system trusts; SSL_CERT_FILE and SSL_CERT_DIR name others.
    void load_default_certs();
    void set_default_verify_paths() { load_default_certs(); }
    /// Those that were loaded, but from folders.
    std::vector<Certificate> get_ca_certs() const;
    CertStoreStats cert_store_stats() const;

    // --- whom to accept -------------------------------------------------------------------------

    /// Whether the name in the server's certificate must be whom the client asked for. Turns verify_mode to
    /// CERT_REQUIRED, if it is CERT_NONE.
    void set_check_hostname(bool on);
    bool check_hostname() const noexcept;
    /// Throws ValueError for CERT_NONE as long as check_hostname is on.
    void set_verify_mode(VerifyMode mode);
    VerifyMode verify_mode() const noexcept;
    void set_verify_flags(std::uint64_t flags);
    std::uint64_t verify_flags() const noexcept;
    /// Whether a certificate without a name for hosts is taken for the common name of its subject. Off,
    /// unlike in Python.
    void set_hostname_checks_common_name(bool on);
    bool hostname_checks_common_name() const noexcept;

    /// As a client, whether a server of TLS 1.3 may ask for the certificate later. As a server, that it does,
    /// instead of asking at once: SSLObject::verify_client_post_handshake(). verify_mode says whether at all.
    void set_post_handshake_auth(bool on);
    bool post_handshake_auth() const noexcept;

    // --- how to talk ----------------------------------------------------------------------------

    void set_minimum_version(TLSVersion version);
    void set_maximum_version(TLSVersion version);
    TLSVersion minimum_version() const noexcept;
    TLSVersion maximum_version() const noexcept;
    /// In OpenSSL's notation; for TLS 1.2 only. Throws SSLError if none is left.
    void set_ciphers(const std::string& ciphers);
    std::vector<Cipher> get_ciphers() const;
    void set_options(std::uint64_t options) noexcept;
    std::uint64_t options() const noexcept;
    /// The protocols above TLS that this end speaks, the preferred one first. A server takes its own first
    /// one that the client has; if there is none, the connection goes on without. Throws SSLError unless each
    /// name has 1 to 255 bytes.
    void set_alpn_protocols(const std::vector<std::string>& protocols);
    /// May be called in the callback itself, for the connections after that.
    void set_sni_callback(SniCallback callback);
    /// The one group for key exchange, as "prime256v1", instead of OpenSSL's choice. Throws ValueError for a
    /// name that OpenSSL does not know.
    void set_ecdh_curve(const std::string& name);
    /// As a server, the parameters of ciphers with DHE, from a PEM file. Throws FileNotFoundError and its
    /// kin, SSLError for what does not fit.
    void load_dh_params(const std::string& path);
    /// Keys that both ends have, in place of certificates. With TLS 1.2 set_ciphers("PSK") is needed as well;
    /// with TLS 1.3 there is no hint, the identity must not be empty, and where no key fits certificates
    /// decide, so that verify_mode counts. An empty callback ends it. What one throws is what the handshake
    /// fails with. Throws SSLError if the context is for the other end.
    void set_psk_client_callback(PskClientCallback callback);
    void set_psk_server_callback(PskServerCallback callback,
                                 const std::optional<std::string>& identity_hint = std::nullopt);

    // --- sessions -------------------------------------------------------------------------------

    /// As a client, keeps the newest session of that many server names and offers it where the same name is
    /// asked for again; forgets them when something about trust changes. 0, which is the default, keeps none.
    /// Throws ValueError for a server's context.
    void set_resumed_names(std::size_t count);
    /// As a server, how many tickets a TLS 1.3 client gets; 2 by default.
    void set_num_tickets(std::size_t count);
    std::size_t num_tickets() const noexcept;
    SessionStats session_stats() const noexcept;

    /// Writes the keys of connections to the end of this file, for programs that decrypt recordings; empty
    /// for none. Throws OSError if it cannot be opened. Whoever reads it reads the connections.
    void set_keylog_filename(const std::string& path);
    std::string keylog_filename() const;

    Method protocol() const noexcept;

    Coro<Ref<Transport>> upgrade(Ref<Transport> below, std::shared_ptr<BaseProtocol> protocol,
                                 StartTlsOptions options) override;
    std::uint64_t revision() const noexcept override;
    detail::ContextState& state() const noexcept { return *state_; }

private:
    std::unique_ptr<detail::ContextState> state_;
};

/// A context with what is safe today. A client's trusts whom the system trusts, or else `cafile`, `capath`
/// and `cadata`. Mirrors ssl.create_default_context(), so the environment's SSLKEYLOGFILE names a key log.
std::shared_ptr<Context> create_default_context(Purpose purpose = Purpose::SERVER_AUTH,
                                                const std::string& cafile = std::string(),
                                                const std::string& capath = std::string(),
                                                BytesView cadata = BytesView());

}  // namespace aio::ssl

namespace aio::detail {

/// What ConnectOptions::ssl(true) looks for.
template <class On>
struct DefaultTls {
    static std::shared_ptr<TransportUpgrade> make() { return ssl::create_default_context(); }
};

}  // namespace aio::detail
