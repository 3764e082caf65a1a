// SPDX-License-Identifier: MIT
#include <aio/net/resolver.hpp>
#include <aio/transport/socket.hpp>

#include <netdb.h>

namespace aio {
namespace {

class GaiCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "getaddrinfo"; }
    std::string message(int error) const override { return ::gai_strerror(error); }
};

const std::error_category& gai_category() noexcept {
    static const GaiCategory category;
    return category;
}

// As getaddrinfo() finds out whether an address can be reached: a UDP socket's connect() sends nothing.
bool reachable(const SocketAddress& address) noexcept {
    const int fd = ::socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    const Socket socket(fd);
    return ::connect(fd, address.native(), address.native_size()) == 0;
}

}  // namespace

gaierror::gaierror(int error, const std::string& operation)
    : OSError(std::error_code(error, gai_category()), operation) {}

std::vector<SocketAddress> resolve_numeric(std::string_view host, std::uint16_t port, int family,
                                           ResolveFor purpose) {
    const auto wanted = [family](int candidate) { return family == AF_UNSPEC || family == candidate; };
    std::vector<SocketAddress> found;
    if (host.empty() && purpose == ResolveFor::listening) {
        if (wanted(AF_INET)) found.emplace_back("0.0.0.0", port);
        if (wanted(AF_INET6)) found.emplace_back("::", port);
    } else if (host.empty() || host == "localhost") {
        const SocketAddress v6("::1", port == 0 ? std::uint16_t{1} : port);
        if (wanted(AF_INET6) && reachable(v6)) found.emplace_back("::1", port);
        if (wanted(AF_INET)) found.emplace_back("127.0.0.1", port);
    } else if (const auto address = SocketAddress::parse(host, port)) {
        if (!wanted(address->family())) {
            throw gaierror(EAI_ADDRFAMILY, "resolve '" + std::string(host) + "'");
        }
        found.push_back(*address);
    } else if (host.find('\0') != host.npos) {
        throw ValueError("embedded null character");
    } else {
        throw gaierror(EAI_NONAME, "resolve '" + std::string(host) +
                                       "': only numeric addresses and 'localhost' can be resolved so far");
    }
    if (found.empty()) throw gaierror(EAI_ADDRFAMILY, "resolve '" + std::string(host) + "'");
    return found;
}

}  // namespace aio
