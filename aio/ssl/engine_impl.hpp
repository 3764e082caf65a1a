// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/ssl/context_impl.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <span>
#include <string>

namespace aio::ssl::detail {

/// One connection's TLS between two buffers: it knows no transport.
class Engine : public std::enable_shared_from_this<Engine> {
public:
    enum class Outcome { done, again, closed, failed };

    /// `name` is whom a client asks for; none or empty for nobody, which a context that checks names does not
    /// take. Throws ValueError for one that does not do.
    Engine(std::shared_ptr<Context> context, bool server_side, const std::optional<std::string>& name);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// `again` where more input is needed; else `error()` tells why it `failed`.
    Outcome do_handshake();
    /// Decrypts into `room`; `closed` once the peer has said goodbye.
    Outcome read(std::span<char> room, std::size_t& count);
    /// Encrypts all of `data`, which is not empty. `again` where that has to wait for input; the same data
    /// must follow then, and may have grown.
    Outcome write(BytesView data);
    /// Says goodbye, but not in the middle of a message of TLS.
    void shut_down();
    bool said_goodbye() const noexcept { return (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0; }

    /// Whether read() could find something, be it the peer's goodbye.
    bool has_input() const noexcept { return !input.empty() || SSL_pending(ssl_.get()) > 0 || peer_closed(); }
    bool peer_closed() const noexcept { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
    const std::exception_ptr& error() const noexcept { return error_; }

    BytesView input;     ///< what has arrived
    std::string output;  ///< what is to be sent

    // For SSLObject.
    SSL& ssl() const noexcept { return *ssl_; }
    const std::shared_ptr<Context>& context() const noexcept { return context_; }
    const std::string& server_hostname() const noexcept { return server_hostname_; }
    bool server_side() const noexcept { return server_side_; }
    const ContextState::Id& context_id() const noexcept { return context_id_; }

    // For the callback in which a server learns whom the client asks for.
    /// False if it has asked for another one before.
    bool client_asks_for(const std::optional<std::string>& name);
    void switch_context(std::shared_ptr<Context> context);
    /// What a callback has thrown is the error of what called it.
    void callback_threw(std::exception_ptr error) noexcept { callback_error_ = std::move(error); }

    /// A session that this client may resume later.
    void keep_session(SessionPtr session);

    static Engine& of(SSL& ssl) noexcept { return *static_cast<Engine*>(SSL_get_app_data(&ssl)); }

private:
    void expect(const std::optional<std::string>& name);
    void expect_host(std::string name);
    Outcome outcome_of(int result);
    std::exception_ptr verification_error() const;
    void resume_session();

    std::shared_ptr<Context> context_;
    SslPtr ssl_;
    std::string server_hostname_;
    std::exception_ptr error_;
    std::exception_ptr callback_error_;
    ContextState::Id context_id_;  ///< the context's, when its demands were taken over
    bool asked_ = false;           ///< a client has said, or not said, whom it asks for
    const bool server_side_;
};

}  // namespace aio::ssl::detail
