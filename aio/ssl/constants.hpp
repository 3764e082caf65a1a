// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <cstdint>

/// Python's constants of the module ssl. What Python names with a prefix and what is not unsafe in itself:
/// the protocols before TLS 1.2 have no names here.
namespace aio::ssl {

/// For which end a context is.
enum Method : std::uint8_t { PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER };

/// What a context is to be used for: to know servers (a client's), or to know clients (a server's).
enum class Purpose : std::uint8_t { SERVER_AUTH, CLIENT_AUTH };

/// Whether the peer needs a certificate. A client takes CERT_OPTIONAL for CERT_REQUIRED.
enum VerifyMode : std::uint8_t { CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED };

/// Versions of TLS. MINIMUM_SUPPORTED is TLSv1_2.
enum class TLSVersion : std::uint8_t { MINIMUM_SUPPORTED, TLSv1_2, TLSv1_3, MAXIMUM_SUPPORTED };

/// For Context::set_options(); all but OP_NO_TICKET and OP_NO_TLSv1_x are on by default.
enum Options : std::uint64_t {
    OP_CIPHER_SERVER_PREFERENCE = std::uint64_t(1) << 22,
    OP_NO_COMPRESSION = std::uint64_t(1) << 17,
    OP_NO_RENEGOTIATION = std::uint64_t(1) << 30,
    OP_NO_TICKET = std::uint64_t(1) << 14,
    OP_NO_TLSv1_2 = std::uint64_t(1) << 27,
    OP_NO_TLSv1_3 = std::uint64_t(1) << 29,
};

/// For Context::set_verify_flags().
enum VerifyFlags : std::uint64_t {
    VERIFY_DEFAULT = 0,
    VERIFY_CRL_CHECK_LEAF = 0x4,
    VERIFY_CRL_CHECK_CHAIN = 0x4 | 0x8,
    VERIFY_X509_STRICT = 0x20,
    VERIFY_X509_TRUSTED_FIRST = 0x8000,
    VERIFY_X509_PARTIAL_CHAIN = 0x80000,
};

}  // namespace aio::ssl
