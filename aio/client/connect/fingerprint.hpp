// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <string>

namespace aio::http {

/// The SHA-256 digest of the one certificate that a server may show; who signed it, and for what name, does
/// not count then. Mirrors aiohttp.Fingerprint. Thread rule: as of std::string.
class Fingerprint {
public:
    /// The digest as its 32 bytes. Throws ValueError for another length: digests of MD5 and SHA-1 are
    /// insecure.
    explicit Fingerprint(std::string sha256);
    /// Of a certificate in DER, as ssl::Certificate::der() gives it.
    static Fingerprint of(const std::string& der);

    const std::string& fingerprint() const noexcept { return digest_; }
    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;

private:
    std::string digest_;
};

}  // namespace aio::http
