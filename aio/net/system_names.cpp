// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/net/system_names_impl.hpp>

#include <array>
#include <cerrno>
#include <memory>

namespace aio::detail {
namespace {

[[noreturn]] void raise_failure(int error, const std::string& operation) {
    if (error == EAI_SYSTEM) raise_os_error(errno, operation);
    throw gaierror(error, operation);
}

}  // namespace

std::vector<AddrInfo> AddressQuestion::ask() const {
    addrinfo* first = nullptr;
    const char* const host = host_.empty() ? nullptr : host_.c_str();
    const int error = ::getaddrinfo(host, service_.c_str(), &hints_, &first);
    if (error != 0) raise_failure(error, "resolve " + (host ? subject() : "service '" + service_ + "'"));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(first, ::freeaddrinfo);
    std::vector<AddrInfo> found;
    for (const addrinfo* info = first; info; info = info->ai_next) {
        SocketAddress address = SocketAddress::from_native(info->ai_addr, info->ai_addrlen);
        if (address.empty()) continue;
        found.push_back({info->ai_family, info->ai_socktype, info->ai_protocol,
                         info->ai_canonname ? info->ai_canonname : "", std::move(address)});
    }
    return found;
}

NameInfo NameQuestion::ask() const {
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> service{};
    const int error = ::getnameinfo(address_.native(), address_.native_size(), host.data(), host.size(),
                                    service.data(), service.size(), flags_);
    if (error != 0) raise_failure(error, "look up the name of " + subject());
    return {host.data(), service.data()};
}

}  // namespace aio::detail
