// SPDX-License-Identifier: MIT
#include <support/certificates.hpp>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace aio::tests {
namespace {

template <class T>
T* made(T* object) {
    if (!object) throw std::runtime_error("OpenSSL made nothing");
    return object;
}

void done(int result) {
    if (result <= 0) throw std::runtime_error("OpenSSL refused");
}

std::string text_in(BIO* bio) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio, &text);
    std::string copy(text, static_cast<std::size_t>(size));
    BIO_free(bio);
    return copy;
}

void add_extension(X509* x509, X509V3_CTX* context, int nid, const std::string& value) {
    if (value.empty()) return;
    X509_EXTENSION* const extension = made(X509V3_EXT_conf_nid(nullptr, context, nid, value.c_str()));
    done(X509_add_ext(x509, extension, -1));
    X509_EXTENSION_free(extension);
}

void set_serial(X509* x509) {
    BIGNUM* const number = made(BN_new());
    done(BN_rand(number, 120, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY));
    made(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)));
    BN_free(number);
}

void set_name(X509_NAME* name, const std::string& text) {
    done(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0));
}

}  // namespace

PrivateFolder::PrivateFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "aio-test-XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error("no private folder");
    folder_ = pattern;
}

PrivateFolder::~PrivateFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string PrivateFolder::write(const std::string& name, std::string_view text) const {
    std::ofstream file(folder_ / name, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) throw std::runtime_error("cannot write " + name);
    return path(name);
}

struct Identity::Keys {
    X509* x509 = made(X509_new());
    EVP_PKEY* key = made(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    Keys() = default;
    Keys(const Keys&) = delete;
    Keys& operator=(const Keys&) = delete;
    ~Keys() {
        X509_free(x509);
        EVP_PKEY_free(key);
    }
};

std::string Identity::certificate() const {
    BIO* const bio = made(BIO_new(BIO_s_mem()));
    done(PEM_write_bio_X509(bio, keys_->x509));
    return text_in(bio);
}

std::string Identity::key(const std::string& password) const {
    BIO* const bio = made(BIO_new(BIO_s_mem()));
    const auto* const secret = reinterpret_cast<const unsigned char*>(password.data());
    done(PEM_write_bio_PrivateKey(bio, keys_->key, password.empty() ? nullptr : EVP_aes_128_cbc(), secret,
                                  static_cast<int>(password.size()), nullptr, nullptr));
    return text_in(bio);
}

Identity issue(const Wanted& wanted, const Identity* issuer) {
    const auto keys = std::make_shared<Identity::Keys>();
    const Identity::Keys& signer = issuer ? issuer->keys() : *keys;
    X509* const x509 = keys->x509;
    constexpr long kDay = 24 * 60 * 60;
    done(X509_set_version(x509, X509_VERSION_3));
    set_serial(x509);
    set_name(X509_get_subject_name(x509), wanted.common_name);
    done(X509_set_issuer_name(x509, X509_get_subject_name(signer.x509)));
    made(X509_gmtime_adj(X509_getm_notBefore(x509), -kDay * wanted.days_before));
    made(X509_gmtime_adj(X509_getm_notAfter(x509), kDay * wanted.days_after));
    done(X509_set_pubkey(x509, keys->key));
    X509V3_CTX context;
    X509V3_set_ctx(&context, signer.x509, x509, nullptr, nullptr, 0);
    add_extension(x509, &context, NID_subject_key_identifier, "hash");
    add_extension(x509, &context, NID_authority_key_identifier, "keyid:always");
    add_extension(x509, &context, NID_basic_constraints,
                  wanted.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    add_extension(x509, &context, NID_key_usage,
                  wanted.authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    if (!wanted.authority) add_extension(x509, &context, NID_ext_key_usage, wanted.purpose);
    add_extension(x509, &context, NID_subject_alt_name, wanted.names);
    add_extension(x509, &context, NID_name_constraints, wanted.constraints);
    done(X509_sign(x509, signer.key, EVP_sha256()));
    return Identity(keys);
}

Identity issue_authority(const std::string& name, const Identity* issuer) {
    Wanted wanted;
    wanted.common_name = name;
    wanted.names.clear();
    wanted.authority = true;
    return issue(wanted, issuer);
}

std::string revocation_list(const Identity& issuer, const Identity* revoked) {
    const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> list(made(X509_CRL_new()), X509_CRL_free);
    const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> now(made(X509_gmtime_adj(nullptr, -60)),
                                                                    ASN1_TIME_free);
    const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> later(made(X509_gmtime_adj(nullptr, 3600)),
                                                                      ASN1_TIME_free);
    done(X509_CRL_set_version(list.get(), X509_CRL_VERSION_2));
    done(X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.keys().x509)));
    done(X509_CRL_set1_lastUpdate(list.get(), now.get()));
    done(X509_CRL_set1_nextUpdate(list.get(), later.get()));
    if (revoked) {
        X509_REVOKED* const entry = made(X509_REVOKED_new());
        done(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked->keys().x509)));
        done(X509_REVOKED_set_revocationDate(entry, now.get()));
        done(X509_CRL_add0_revoked(list.get(), entry));
    }
    done(X509_CRL_sign(list.get(), issuer.keys().key, EVP_sha256()));
    BIO* const bio = made(BIO_new(BIO_s_mem()));
    done(PEM_write_bio_X509_CRL(bio, list.get()));
    return text_in(bio);
}

}  // namespace aio::tests
