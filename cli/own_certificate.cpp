// SPDX-License-Identifier: MIT
#include "own_certificate.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>

namespace aio::cli {
namespace {

template <auto kFree>
struct Free {
    template <class T>
    void operator()(T* object) const {
        kFree(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

template <class T>
T checked(T result) {
    if (!result) throw std::runtime_error("OpenSSL cannot make a certificate");
    return result;
}

bool is_address(const std::string& host) {
    return host.find_first_not_of("0123456789.") == host.npos || host.find(':') != host.npos;
}

void add(X509& certificate, int kind, const std::string& text) {
    const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> extension(
        checked(X509V3_EXT_conf_nid(nullptr, nullptr, kind, text.c_str())));
    checked(X509_add_ext(&certificate, extension.get(), -1));
}

std::string pem_of(X509& certificate, EVP_PKEY& key) {
    const std::unique_ptr<BIO, Free<BIO_free>> memory(checked(BIO_new(BIO_s_mem())));
    checked(PEM_write_bio_X509(memory.get(), &certificate));
    checked(PEM_write_bio_PrivateKey(memory.get(), &key, nullptr, nullptr, 0, nullptr, nullptr));
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string fingerprint(X509& certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    checked(X509_digest(&certificate, EVP_sha256(), digest.data(), &size));
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        char byte[4];
        std::snprintf(byte, sizeof byte, "%s%02X", i > 0 ? ":" : "", digest[i]);
        text += byte;
    }
    return text;
}

}  // namespace

OwnCertificate make_own_certificate(const std::string& host) {
    char curve[] = "P-256";  // the macro wants it so
    const Key key(checked(EVP_EC_gen(curve)));
    const Certificate made(checked(X509_new()));
    X509& certificate = *made;
    std::uint64_t number = 0;
    checked(RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) == 1);
    checked(ASN1_INTEGER_set_uint64(X509_get_serialNumber(&certificate), number >> 1));
    checked(X509_set_version(&certificate, X509_VERSION_3));
    checked(X509_gmtime_adj(X509_getm_notBefore(&certificate), -60));
    checked(X509_gmtime_adj(X509_getm_notAfter(&certificate), 24L * 3600));
    checked(X509_set_pubkey(&certificate, key.get()));
    X509_NAME* const name = X509_get_subject_name(&certificate);
    checked(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1, 0));
    checked(X509_set_issuer_name(&certificate, name));
    add(certificate, NID_subject_alt_name,
        std::string(is_address(host) ? "IP:" : "DNS:") + host + ",DNS:localhost,IP:127.0.0.1");
    add(certificate, NID_basic_constraints, "critical,CA:FALSE");
    checked(X509_sign(&certificate, key.get(), EVP_sha256()));
    return {pem_of(certificate, *key), fingerprint(certificate)};
}

}  // namespace aio::cli
