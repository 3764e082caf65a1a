// SPDX-License-Identifier: MIT
#pragma once

#include <aio/net/resolver.hpp>
#include <aio/task/coro.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace aio::tests {

/// A resolver whose names stand for given addresses, at once. Where an address has port 0 the caller's is
/// taken.
struct KnownAddresses final : Resolver {
    Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, std::uint16_t port,
                                            AddrInfoOptions options) override {
        last = options;
        std::vector<AddrInfo> found;
        for (const SocketAddress& address : names.at(host)) {
            if (options.get_family() != AF_UNSPEC && options.get_family() != address.family()) continue;
            SocketAddress whole = address.port() != 0 ? address : SocketAddress(address.host(), port);
            found.push_back({address.family(), options.get_type(), 0, "", std::move(whole)});
        }
        co_return found;
    }
    std::map<std::string, std::vector<SocketAddress>> names;
    AddrInfoOptions last;
};

}  // namespace aio::tests
