// SPDX-License-Identifier: MIT
#pragma once

#include <aio/ssl/certificate.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <exception>
#include <memory>
#include <new>
#include <string>

/// What is used of OpenSSL, with owners.
namespace aio::ssl::detail {

template <auto free>
struct Freed {
    template <class T>
    void operator()(T* object) const noexcept {
        free(object);
    }
};
using SslPtr = std::unique_ptr<SSL, Freed<SSL_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Freed<BIO_free>>;

/// For what fails only where there is no memory.
template <class T>
T* or_no_memory(T* object) {
    if (!object) throw std::bad_alloc();
    return object;
}

/// The first error of OpenSSL's queue of this thread, which is emptied: an SSLError, or std::bad_alloc.
/// `what` stands for the text where the queue is empty.
std::exception_ptr queued_error(const char* what);
[[noreturn]] void raise_queued_error(const char* what);

Certificate certificate_of(X509& x509);

}  // namespace aio::ssl::detail
