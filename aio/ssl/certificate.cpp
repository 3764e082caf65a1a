// SPDX-License-Identifier: MIT
#include <aio/ssl/certificate.hpp>
#include <aio/ssl/openssl_impl.hpp>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

namespace aio::ssl {
namespace {

std::string text_of(const ASN1_STRING* string) {
    unsigned char* bytes = nullptr;
    const int size = ASN1_STRING_to_UTF8(&bytes, string);
    if (size < 0) {
        ERR_clear_error();
        return std::string();
    }
    const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owned(
        bytes, [](unsigned char* data) { OPENSSL_free(data); });
    return std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

CertificateNames names_of(const X509_NAME* name) {
    CertificateNames names;
    for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
        const X509_NAME_ENTRY* const entry = X509_NAME_get_entry(name, i);
        char key[80];
        const ASN1_OBJECT* const object = X509_NAME_ENTRY_get_object(entry);
        const int nid = OBJ_obj2nid(object);
        if (nid == NID_undef) OBJ_obj2txt(key, sizeof key, object, 1);
        names.emplace_back(nid == NID_undef ? key : OBJ_nid2ln(nid),
                           text_of(X509_NAME_ENTRY_get_data(entry)));
    }
    return names;
}

std::string address_of(const ASN1_OCTET_STRING* bytes) {
    char text[INET6_ADDRSTRLEN];
    const int size = ASN1_STRING_length(bytes);
    if (size != 4 && size != 16) return "<invalid>";
    inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(bytes), text, sizeof text);
    return text;
}

CertificateNames alternatives_of(const X509& x509) {
    CertificateNames names;
    auto* const found =
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&x509, NID_subject_alt_name, nullptr, nullptr));
    if (!found) return names;
    const std::unique_ptr<GENERAL_NAMES, detail::Freed<GENERAL_NAMES_free>> owned(found);
    for (int i = 0; i < sk_GENERAL_NAME_num(found); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(found, i);
        if (name->type == GEN_DNS) names.emplace_back("DNS", text_of(name->d.dNSName));
        if (name->type == GEN_EMAIL) names.emplace_back("email", text_of(name->d.rfc822Name));
        if (name->type == GEN_URI) names.emplace_back("URI", text_of(name->d.uniformResourceIdentifier));
        if (name->type == GEN_IPADD) names.emplace_back("IP Address", address_of(name->d.iPAddress));
    }
    return names;
}

std::string time_of(const ASN1_TIME* time) {
    const detail::BioPtr bio(detail::or_no_memory(BIO_new(BIO_s_mem())));
    ASN1_TIME_print(bio.get(), time);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
}

std::string serial_of(X509& x509) {
    const std::unique_ptr<BIGNUM, detail::Freed<BN_free>> number(
        detail::or_no_memory(ASN1_INTEGER_to_BN(X509_get0_serialNumber(&x509), nullptr)));
    char* const text = detail::or_no_memory(BN_bn2hex(number.get()));
    const std::unique_ptr<char, void (*)(char*)> owned(text, [](char* data) { OPENSSL_free(data); });
    return text;
}

std::string der_of(X509& x509) {
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(&x509, &bytes);
    if (size < 0) detail::raise_queued_error("the certificate cannot be encoded");
    const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owned(
        bytes, [](unsigned char* data) { OPENSSL_free(data); });
    return std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

}  // namespace

std::string Certificate::subject(const std::string& name) const {
    for (const auto& [key, value] : fields_->subject) {
        if (key == name) return value;
    }
    return std::string();
}

Certificate detail::certificate_of(X509& x509) {
    const auto fields = std::make_shared<Certificate::Fields>();
    fields->subject = names_of(X509_get_subject_name(&x509));
    fields->issuer = names_of(X509_get_issuer_name(&x509));
    fields->subject_alt_name = alternatives_of(x509);
    fields->serial_number = serial_of(x509);
    fields->not_before = time_of(X509_get0_notBefore(&x509));
    fields->not_after = time_of(X509_get0_notAfter(&x509));
    fields->der = der_of(x509);
    fields->version = static_cast<int>(X509_get_version(&x509)) + 1;
    return Certificate(fields);
}

}  // namespace aio::ssl
