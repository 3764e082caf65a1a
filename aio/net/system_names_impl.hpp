// SPDX-License-Identifier: MIT
#pragma once

#include <aio/net/resolver.hpp>
#include <aio/transport/socket_address.hpp>

#include <netdb.h>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace aio::detail {

/// A question for getaddrinfo(). It can be asked in any thread.
class AddressQuestion {
public:
    using Answer = std::vector<AddrInfo>;
    static constexpr const char* kName = "getaddrinfo";

    AddressQuestion(std::string host, std::string service, const AddrInfoOptions& options)
        : host_(std::move(host)), service_(std::move(service)) {
        hints_.ai_family = options.get_family();
        hints_.ai_socktype = options.get_type();
        hints_.ai_protocol = options.get_proto();
        hints_.ai_flags = options.get_flags();
    }
    /// Whether the answer needs neither files nor name servers, if the service is a number.
    bool is_numeric() const noexcept {
        return host_.empty() || (hints_.ai_flags & AI_NUMERICHOST) != 0 || SocketAddress::parse(host_, 0);
    }
    Answer ask() const;
    std::string subject() const { return "'" + host_ + "'"; }

private:
    std::string host_;
    std::string service_;
    addrinfo hints_{};
};

/// A question for getnameinfo().
class NameQuestion {
public:
    using Answer = NameInfo;
    static constexpr const char* kName = "getnameinfo";

    NameQuestion(SocketAddress address, int flags) : address_(std::move(address)), flags_(flags) {}
    bool is_numeric() const noexcept {
        constexpr int kNumeric = NI_NUMERICHOST | NI_NUMERICSERV;
        return (flags_ & kNumeric) == kNumeric;
    }
    Answer ask() const;
    std::string subject() const { return address_.str(); }

private:
    SocketAddress address_;
    int flags_;
};

}  // namespace aio::detail
