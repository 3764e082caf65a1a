// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/ssl/certificate.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::ssl {

class Context;
namespace detail {
class Engine;
}

/// A cipher: its name, the version that it came with, the bits of its secret.
struct Cipher {
    std::string name;
    std::string version;
    int bits;
    friend bool operator==(const Cipher&, const Cipher&) = default;
};

/// What is known of a session that could be resumed. Mirrors ssl.SSLSession.
struct SSLSession {
    std::string id;
    long time;     ///< when it began, in seconds since 1970
    long timeout;  ///< how long it may be resumed, in seconds
    bool has_ticket;
};

/// What TLS knows about a connection; get_extra_info("ssl_object") gives it. Mirrors ssl.SSLObject, but for
/// reading, writing and shaking hands, which are the transport's.
///
/// A handle: copies refer to the same connection, and it stays readable when that has ended.
/// Threads: the loop's only.
class SSLObject {
public:
    explicit SSLObject(std::shared_ptr<detail::Engine> engine) noexcept : engine_(std::move(engine)) {}

    std::shared_ptr<Context> context() const;
    /// In a server's sni_callback: goes on with another context: its certificates, its demands on the client,
    /// its versions and ALPN protocols. Throws ValueError anywhere else.
    void set_context(std::shared_ptr<Context> context) const;
    bool server_side() const noexcept;
    /// Whom the client asked for: a client's own wish, or what it told the server. Empty if nobody said.
    std::string server_hostname() const;

    /// The peer's certificate; none if it showed none. Mirrors getpeercert().
    std::optional<Certificate> getpeercert() const;
    /// The certificates that the peer sent, its own first, and those that it was verified with up to the
    /// trusted one.
    std::vector<Certificate> get_unverified_chain() const;
    std::vector<Certificate> get_verified_chain() const;
    /// As a server with post_handshake_auth: asks the client for its certificate. The question goes with what
    /// is written next, the answer comes with what is read after that; if that does not do, the connection
    /// fails. Throws SSLError if the connection is not of TLS 1.3 or the client has not agreed.
    void verify_client_post_handshake() const;

    /// "TLSv1.3"; none before the handshake.
    std::optional<std::string> version() const;
    std::optional<Cipher> cipher() const;
    /// The ciphers that both ends have, in this one's order; none at a client's end, and before the
    /// handshake.
    std::optional<std::vector<Cipher>> shared_ciphers() const;
    /// None: compression is off, because it gives secrets away.
    std::optional<std::string> compression() const { return std::nullopt; }
    std::optional<std::string> selected_alpn_protocol() const;
    /// Bytes that only this connection has. Of type "tls-unique" only; ValueError otherwise.
    std::optional<std::string> get_channel_binding(const std::string& type = "tls-unique") const;
    /// Bytes that are decrypted and not yet handed out.
    int pending() const noexcept;

    std::optional<SSLSession> session() const;
    /// Whether the handshake took up an earlier session.
    bool session_reused() const noexcept;

private:
    std::shared_ptr<detail::Engine> engine_;
};

}  // namespace aio::ssl
