// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>

#include <string>
#include <utility>
#include <vector>

namespace aio::ssl {

/// Names and values in the order of the certificate: ("commonName", "localhost"), ("DNS", "*.example.org").
using CertificateNames = std::vector<std::pair<std::string, std::string>>;

/// What a certificate says; what SSLObject::getpeercert() gives. Mirrors the dictionary that Python's gives.
/// An immutable handle; threads: any.
class Certificate {
public:
    struct Fields {
        CertificateNames subject;
        CertificateNames issuer;
        CertificateNames subject_alt_name;
        std::string serial_number;
        std::string not_before;
        std::string not_after;
        std::string der;
        int version = 0;
    };
    explicit Certificate(std::shared_ptr<const Fields> fields) noexcept : fields_(std::move(fields)) {}

    /// The parts of the names, flat.
    const CertificateNames& subject() const noexcept { return fields_->subject; }
    const CertificateNames& issuer() const noexcept { return fields_->issuer; }
    /// Whom it is for: "DNS", "IP Address", "email", "URI" and the value.
    const CertificateNames& subject_alt_name() const noexcept { return fields_->subject_alt_name; }
    /// The first value of that name in the subject, such as "commonName"; empty if there is none.
    std::string subject(const std::string& name) const;
    /// In upper case hexadecimal digits.
    const std::string& serial_number() const noexcept { return fields_->serial_number; }
    /// As "Nov 27 21:27:44 2026 GMT".
    const std::string& not_before() const noexcept { return fields_->not_before; }
    const std::string& not_after() const noexcept { return fields_->not_after; }
    int version() const noexcept { return fields_->version; }
    /// The certificate itself, what getpeercert(binary_form=True) gives.
    const std::string& der() const noexcept { return fields_->der; }

private:
    std::shared_ptr<const Fields> fields_;
};

}  // namespace aio::ssl
