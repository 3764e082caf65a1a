// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/ssl/engine_impl.hpp>
#include <aio/ssl/error.hpp>

#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <algorithm>
#include <cstring>

namespace aio::ssl::detail {
namespace {

// --- the channel below: what has arrived, and what is to be sent

int read_input(BIO* bio, char* out, int size) {
    Engine& engine = *static_cast<Engine*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (engine.input.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const std::size_t count = std::min(engine.input.size(), static_cast<std::size_t>(size));
    std::memcpy(out, engine.input.data(), count);
    engine.input = engine.input.subview(count);
    return static_cast<int>(count);
}

int write_output(BIO* bio, const char* data, int size) {
    Engine& engine = *static_cast<Engine*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    try {
        engine.output.append(data, static_cast<std::size_t>(size));
        return size;
    } catch (...) {
        engine.callback_threw(std::current_exception());
        return -1;
    }
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* make_channel() {
    BIO_METHOD* const method = or_no_memory(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "aio"));
    BIO_meth_set_read(method, &read_input);
    BIO_meth_set_write(method, &write_output);
    BIO_meth_set_ctrl(method, &control);
    return method;
}

// Lives as long as the process: connections may outlive static objects.
BIO* new_channel(Engine& engine) {
    static BIO_METHOD* const method = make_channel();
    BIO* const bio = or_no_memory(BIO_new(method));
    BIO_set_data(bio, &engine);
    BIO_set_init(bio, 1);
    return bio;
}

bool is_address(const std::string& name) {
    unsigned char bytes[16];
    return inet_pton(AF_INET, name.c_str(), bytes) == 1 || inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

}  // namespace

Engine::Engine(std::shared_ptr<Context> context, bool server_side, const std::optional<std::string>& name)
    : context_(std::move(context)),
      ssl_(or_no_memory(SSL_new(context_->state().ctx.get()))),
      context_id_(context_->state().id),
      server_side_(server_side) {
    SSL_set_app_data(ssl_.get(), this);
    BIO* const channel = new_channel(*this);
    SSL_set_bio(ssl_.get(), channel, channel);
    context_->state().apply(*ssl_);
    if (server_side_) {
        SSL_set_accept_state(ssl_.get());
    } else {
        SSL_set_connect_state(ssl_.get());
        expect(name);
        resume_session();
    }
}

// The peer that a client wants.
void Engine::expect(const std::optional<std::string>& name) {
    const bool checked = context_->state().check_hostname;
    if (!name && checked) throw ValueError("check_hostname requires server_hostname");
    if (!name || (name->empty() && !checked)) return;
    if (name->empty() || name->front() == '.') {
        throw ValueError("server_hostname cannot be an empty string or start with a leading dot.");
    }
    if (name->find('\0') != std::string::npos) {
        throw ValueError("server_hostname cannot hold a null character");
    }
    for (const char byte : *name) {
        if (static_cast<unsigned char>(byte) >= 0x80) {
            throw ValueError("server_hostname must be in ASCII, as in xn--bcher-kva.example, got " + *name);
        }
    }
    server_hostname_ = *name;
    if (is_address(*name)) {
        if (checked && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), name->c_str()) != 1) {
            raise_queued_error("server_hostname cannot be checked");
        }
        return;
    }
    expect_host(name->back() == '.' ? name->substr(0, name->size() - 1) : *name);
}

void Engine::expect_host(std::string name) {
    if (SSL_set_tlsext_host_name(ssl_.get(), name.c_str()) != 1) {
        ERR_clear_error();
        throw ValueError("server_hostname is too long: " + name);
    }
    if (!context_->state().check_hostname) return;
    unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    if (!context_->state().checks_common_name) flags |= X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    SSL_set_hostflags(ssl_.get(), flags);
    if (SSL_set1_host(ssl_.get(), name.c_str()) != 1) raise_queued_error("server_hostname cannot be checked");
}

void Engine::resume_session() {
    if (server_hostname_.empty()) return;
    if (const SessionPtr session = context_->state().sessions.offer(server_hostname_)) {
        SSL_set_session(ssl_.get(), session.get());
    }
}

void Engine::keep_session(SessionPtr session) {
    ContextState& state = context_->state();
    if (server_side_ || server_hostname_.empty() || state.id != context_id_) return;
    try {
        state.sessions.put(server_hostname_, std::move(session));
    } catch (...) {
        callback_threw(std::current_exception());
    }
}

bool Engine::client_asks_for(const std::optional<std::string>& name) {
    const std::string wanted = name.value_or("");
    if (std::exchange(asked_, true)) return wanted == server_hostname_;
    server_hostname_ = wanted;
    return true;
}

void Engine::switch_context(std::shared_ptr<Context> context) {
    if (!SSL_set_SSL_CTX(ssl_.get(), context->state().ctx.get())) {
        raise_queued_error("the context cannot be used");
    }
    context->state().apply(*ssl_);
    context_id_ = context->state().id;
    context_ = std::move(context);
}

Engine::Outcome Engine::do_handshake() {
    ERR_clear_error();
    return outcome_of(SSL_do_handshake(ssl_.get()));
}

Engine::Outcome Engine::read(std::span<char> room, std::size_t& count) {
    ERR_clear_error();
    return outcome_of(SSL_read_ex(ssl_.get(), room.data(), room.size(), &count));
}

Engine::Outcome Engine::write(BytesView data) {
    ERR_clear_error();
    std::size_t count = 0;
    return outcome_of(SSL_write_ex(ssl_.get(), data.data(), data.size(), &count));
}

void Engine::shut_down() {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

Engine::Outcome Engine::outcome_of(int result) {
    if (callback_error_) [[unlikely]] {
        error_ = std::exchange(callback_error_, nullptr);
        ERR_clear_error();
        return Outcome::failed;
    }
    if (result > 0) return Outcome::done;
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return Outcome::again;
        case SSL_ERROR_ZERO_RETURN:
            return Outcome::closed;
        default:
            error_ = verification_error();
            if (!error_) error_ = queued_error("the TLS connection has failed");
            ERR_clear_error();
            return Outcome::failed;
    }
}

std::exception_ptr Engine::verification_error() const {
    const unsigned long code = ERR_peek_error();
    if (ERR_GET_LIB(code) != ERR_LIB_SSL || ERR_GET_REASON(code) != SSL_R_CERTIFICATE_VERIFY_FAILED) {
        return nullptr;
    }
    const long result = SSL_get_verify_result(ssl_.get());
    std::string message = X509_verify_cert_error_string(result);
    if (result == X509_V_ERR_HOSTNAME_MISMATCH || result == X509_V_ERR_IP_ADDRESS_MISMATCH) {
        message = std::string(result == X509_V_ERR_HOSTNAME_MISMATCH ? "Hostname" : "IP address") +
                  " mismatch, certificate is not valid for '" + server_hostname_ + "'.";
    }
    return std::make_exception_ptr(SSLCertVerificationError(static_cast<int>(result), message));
}

}  // namespace aio::ssl::detail
