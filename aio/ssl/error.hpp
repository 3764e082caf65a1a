// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>

#include <string>

/// The errors of TLS, with Python's names. Each is an OSError, whose text says what OpenSSL says.
namespace aio::ssl {

/// What went wrong in TLS or in what it was given. Mirrors ssl.SSLError.
class SSLError : public OSError {
public:
    /// what() is `text`; `library` and `reason` are OpenSSL's.
    explicit SSLError(const std::string& text, std::string library = std::string(),
                      std::string reason = std::string());
    /// The part of OpenSSL that complains: "SSL", "PEM", "X509"; may be empty.
    const std::string& library() const noexcept { return names_->library; }
    /// Its reason as a name: "CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER"; may be empty.
    const std::string& reason() const noexcept { return names_->reason; }

private:
    struct Names {
        std::string library;
        std::string reason;
    };
    std::shared_ptr<const Names> names_;
};

/// The connection ended without the peer's goodbye (close_notify): what was read may be cut off. Mirrors
/// ssl.SSLEOFError.
class SSLEOFError : public SSLError {
public:
    SSLEOFError();
};

/// The peer's certificate was refused; what() says why. Mirrors ssl.SSLCertVerificationError.
class SSLCertVerificationError : public SSLError {
public:
    /// `code` is an X509_V_ERR_ number, `message` what it means.
    SSLCertVerificationError(int code, const std::string& message);
    int verify_code() const noexcept { return code_; }
    const std::string& verify_message() const noexcept { return *message_; }

private:
    int code_;
    std::shared_ptr<const std::string> message_;
};

}  // namespace aio::ssl
