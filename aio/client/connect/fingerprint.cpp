// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/connect/fingerprint.hpp>

#include <openssl/sha.h>

namespace aio::http {

Fingerprint::Fingerprint(std::string sha256) : digest_(std::move(sha256)) {
    if (digest_.size() == SHA256_DIGEST_LENGTH) return;
    throw ValueError("a fingerprint has 32 bytes, of SHA-256, not " + std::to_string(digest_.size()));
}

Fingerprint Fingerprint::of(const std::string& der) {
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(reinterpret_cast<const unsigned char*>(der.data()), der.size(),
           reinterpret_cast<unsigned char*>(digest.data()));
    return Fingerprint(std::move(digest));
}

}  // namespace aio::http
