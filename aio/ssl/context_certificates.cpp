// SPDX-License-Identifier: MIT
// Reading certificates and keys into contexts.
#include <aio/base/error.hpp>
#include <aio/ssl/context_impl.hpp>
#include <aio/ssl/error.hpp>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <unistd.h>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>

namespace aio::ssl {
namespace {

// OpenSSL's own reports of files that cannot be read say less.
void check_readable(const std::string& path) {
    if (std::FILE* const file = std::fopen(path.c_str(), "re")) {
        std::fclose(file);
        return;
    }
    raise_os_error(errno, "open " + path);
}

struct AskedPassword {
    Context::PasswordCallback callback;
    std::exception_ptr error;
};

// OpenSSL would ask at the terminal.
int password_of(char* out, int size, int, void* asked_password) noexcept {
    auto& asked = *static_cast<AskedPassword*>(asked_password);
    try {
        if (!asked.callback) return -1;
        const std::string password = asked.callback();
        if (password.size() > static_cast<std::size_t>(size)) throw ValueError("the password is too long");
        std::memcpy(out, password.data(), password.size());
        return static_cast<int>(password.size());
    } catch (...) {
        asked.error = std::current_exception();
        return -1;
    }
}

// While a key is read.
class PasswordScope {
public:
    PasswordScope(SSL_CTX& ctx, Context::PasswordCallback callback) : ctx_(ctx) {
        asked_.callback = std::move(callback);
        SSL_CTX_set_default_passwd_cb(&ctx_, &password_of);
        SSL_CTX_set_default_passwd_cb_userdata(&ctx_, &asked_);
    }
    PasswordScope(const PasswordScope&) = delete;
    PasswordScope& operator=(const PasswordScope&) = delete;
    ~PasswordScope() {
        SSL_CTX_set_default_passwd_cb(&ctx_, nullptr);
        SSL_CTX_set_default_passwd_cb_userdata(&ctx_, nullptr);
    }
    [[noreturn]] void failed(const std::string& path) const {
        if (asked_.error) {
            ERR_clear_error();
            std::rethrow_exception(asked_.error);
        }
        detail::raise_queued_error(("no usable key or certificate in " + path).c_str());
    }

private:
    SSL_CTX& ctx_;
    AskedPassword asked_;
};

bool at_end_of_pem() {
    const unsigned long code = ERR_peek_last_error();
    const bool end = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
    if (end) ERR_clear_error();
    return end;
}

detail::X509Ptr next_certificate(BIO& bio, bool pem) {
    if (!pem && BIO_pending(&bio) == 0) return nullptr;
    detail::X509Ptr found(pem ? PEM_read_bio_X509(&bio, nullptr, nullptr, nullptr)
                              : d2i_X509_bio(&bio, nullptr));
    if (!found && !(pem && at_end_of_pem())) detail::raise_queued_error("cadata cannot be read");
    return found;
}

void trust(X509_STORE& store, BytesView data) {
    if (data.size() > INT_MAX) throw ValueError("cadata is too long");
    const detail::BioPtr bio(
        detail::or_no_memory(BIO_new_mem_buf(data.data(), static_cast<int>(data.size()))));
    const bool pem = data.text().find("-----BEGIN") != std::string_view::npos;
    if (!pem && (data.empty() || data.text().front() != 0x30)) {
        throw SSLError("no start line: cadata does not contain a certificate");
    }
    std::size_t count = 0;
    while (const detail::X509Ptr x509 = next_certificate(*bio, pem)) {
        if (!X509_STORE_add_cert(&store, x509.get())) detail::raise_queued_error("cadata cannot be used");
        ++count;
    }
    if (count == 0) throw SSLError("no start line: cadata does not contain a certificate");
}

struct FreedNames {
    void operator()(STACK_OF(X509_NAME) * names) const noexcept {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
    }
};
using NamesPtr = std::unique_ptr<STACK_OF(X509_NAME), FreedNames>;

// Clients are asked for certificates of the file's authorities, too.
void ask_for(SSL_CTX& ctx, const std::string& cafile) {
    const STACK_OF(X509_NAME)* const before = SSL_CTX_get_client_CA_list(&ctx);
    NamesPtr names(detail::or_no_memory(before ? SSL_dup_CA_list(before) : sk_X509_NAME_new_null()));
    if (SSL_add_file_cert_subjects_to_stack(names.get(), cafile.c_str()) == 1) {
        SSL_CTX_set_client_CA_list(&ctx, names.release());
    }
    ERR_clear_error();
}

// Connections of other threads may add to it: what they have found in folders.
class LockedStore {
public:
    explicit LockedStore(X509_STORE& store) : store_(store) {
        if (X509_STORE_lock(&store_) != 1) detail::raise_queued_error("the certificates cannot be locked");
    }
    LockedStore(const LockedStore&) = delete;
    LockedStore& operator=(const LockedStore&) = delete;
    ~LockedStore() { X509_STORE_unlock(&store_); }

private:
    X509_STORE& store_;
};

}  // namespace

void Context::load_cert_chain(const std::string& certfile, const std::string& keyfile,
                              const std::string& password) {
    PasswordCallback callback;
    if (!password.empty()) callback = [password] { return password; };
    load_cert_chain(certfile, keyfile, std::move(callback));
}

void Context::load_cert_chain(const std::string& certfile, const std::string& keyfile,
                              PasswordCallback password) {
    const std::string& key = keyfile.empty() ? certfile : keyfile;
    check_readable(certfile);
    check_readable(key);
    SSL_CTX& ctx = *state_->ctx;
    ERR_clear_error();
    // Tried elsewhere first: what does not fit leaves what is in use.
    const detail::SslCtxPtr trial(detail::or_no_memory(SSL_CTX_new(SSL_CTX_get_ssl_method(&ctx))));
    SSL_CTX_set_security_level(trial.get(), SSL_CTX_get_security_level(&ctx));
    const PasswordScope scope(*trial, std::move(password));
    if (SSL_CTX_use_certificate_chain_file(trial.get(), certfile.c_str()) != 1) scope.failed(certfile);
    if (SSL_CTX_use_PrivateKey_file(trial.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) scope.failed(key);
    if (SSL_CTX_check_private_key(trial.get()) != 1) scope.failed(key);
    STACK_OF(X509)* chain = nullptr;
    SSL_CTX_get0_chain_certs(trial.get(), &chain);
    if (SSL_CTX_use_cert_and_key(&ctx, SSL_CTX_get0_certificate(trial.get()),
                                 SSL_CTX_get0_privatekey(trial.get()), chain, 1) != 1) {
        scope.failed(certfile);
    }
    state_->renew_id();
}

void Context::load_verify_locations(const std::string& cafile, const std::string& capath, BytesView cadata) {
    if (cafile.empty() && capath.empty() && cadata.empty()) {
        throw TypeError("cafile, capath and cadata cannot be all omitted");
    }
    SSL_CTX& ctx = *state_->ctx;
    ERR_clear_error();
    if (!cadata.empty()) trust(*SSL_CTX_get_cert_store(&ctx), cadata);
    if (!cafile.empty()) {
        check_readable(cafile);
        if (SSL_CTX_load_verify_file(&ctx, cafile.c_str()) != 1) {
            detail::raise_queued_error(("no certificates in " + cafile).c_str());
        }
        ask_for(ctx, cafile);
    }
    if (!capath.empty()) {
        if (access(capath.c_str(), R_OK | X_OK) != 0) raise_os_error(errno, "open " + capath);
        if (SSL_CTX_load_verify_dir(&ctx, capath.c_str()) != 1) {
            detail::raise_queued_error(("no certificates in " + capath).c_str());
        }
    }
    state_->renew_id();
}

void Context::load_default_certs() {
    ERR_clear_error();
    if (SSL_CTX_set_default_verify_paths(state_->ctx.get()) != 1) {
        detail::raise_queued_error("the system's certificates cannot be loaded");
    }
    ERR_clear_error();
    state_->renew_id();
}

std::vector<Certificate> Context::get_ca_certs() const {
    std::vector<Certificate> certificates;
    X509_STORE& store = *SSL_CTX_get_cert_store(state_->ctx.get());
    const LockedStore locked(store);
    const STACK_OF(X509_OBJECT)* const objects = X509_STORE_get0_objects(&store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
        X509* const x509 = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
        if (x509 && X509_check_ca(x509)) certificates.push_back(detail::certificate_of(*x509));
    }
    return certificates;
}

CertStoreStats Context::cert_store_stats() const {
    CertStoreStats stats{};
    X509_STORE& store = *SSL_CTX_get_cert_store(state_->ctx.get());
    const LockedStore locked(store);
    const STACK_OF(X509_OBJECT)* const objects = X509_STORE_get0_objects(&store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
        const X509_OBJECT* const object = sk_X509_OBJECT_value(objects, i);
        if (X509* const x509 = X509_OBJECT_get0_X509(object)) {
            ++stats.x509;
            if (X509_check_ca(x509)) ++stats.x509_ca;
        } else if (X509_OBJECT_get_type(object) == X509_LU_CRL) {
            ++stats.crl;
        }
    }
    return stats;
}

}  // namespace aio::ssl
