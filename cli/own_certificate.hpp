// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace aio::cli {

/// A certificate that is signed by itself, for a day, a host and localhost.
struct OwnCertificate {
    std::string pem;  ///< certificate and key
    std::string sha256;
};

/// Throws std::runtime_error if OpenSSL cannot make one.
OwnCertificate make_own_certificate(const std::string& host);

}  // namespace aio::cli
