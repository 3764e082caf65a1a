// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/chrono.hpp>

#include <cstdint>
#include <string>

namespace aio::dns {

/// The kinds of records that Resolver::query() asks for, by their numbers in DNS.
enum class Type : std::uint16_t {
    A = 1,      ///< an IPv4 address
    NS = 2,     ///< a name server
    CNAME = 5,  ///< the name that this one stands for
    PTR = 12,   ///< the name of an address
    MX = 15,    ///< a mail server
    TXT = 16,   ///< text
    AAAA = 28,  ///< an IPv6 address
    SRV = 33,   ///< where a service is
};

/// One record of a name server's answer.
struct Record {
    std::string name;  ///< whose it is: the name that was asked for, or the one that it stands for
    Type type = Type::A;
    std::chrono::seconds ttl{0};  ///< how long it is valid from now on
    std::string value;            ///< the address, host name or text
    std::uint16_t priority = 0;   ///< of MX and SRV: lower ones first
    std::uint16_t weight = 0;     ///< of SRV: the share among equal priorities
    std::uint16_t port = 0;       ///< of SRV
};

}  // namespace aio::dns
