// SPDX-License-Identifier: MIT
#include <aio/loop/event_loop.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/net/port_impl.hpp>
#include <aio/net/resolver_impl.hpp>
#include <aio/transport/socket.hpp>

#include <netdb.h>
#include <algorithm>
#include <iterator>
#include <string>

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

// The C library would take the byte for the end.
void check_host(std::string_view host) {
    if (host.find('\0') != host.npos) throw ValueError("embedded null character");
}

// The port that `service` is the number of.
std::optional<std::uint16_t> port_of(const std::string& service) {
    const bool number =
        std::all_of(service.begin(), service.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!number) return std::nullopt;
    if (service.empty()) return std::uint16_t{0};
    return detail::checked_port(service.size() > 9 ? -1 : std::stoi(service));
}

}  // namespace

gaierror::gaierror(int error, const std::string& operation)
    : OSError(std::error_code(error, gai_category()), operation) {}

namespace detail {

std::optional<std::vector<SocketAddress>> try_resolve_numeric(std::string_view host, std::uint16_t port,
                                                              int family, ResolveFor purpose) {
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
        if (wanted(address->family())) found.push_back(*address);
    } else {
        check_host(host);
        return std::nullopt;
    }
    if (found.empty()) throw gaierror(EAI_ADDRFAMILY, "resolve '" + std::string(host) + "'");
    return found;
}

Coro<std::vector<AddrInfo>> ask_resolver(std::shared_ptr<Resolver> resolver, std::string host, int port,
                                         AddrInfoOptions options) {
    const std::uint16_t number = checked_port(port);
    check_host(host);
    if (!resolver) resolver = aio::get_resolver(get_running_loop());
    co_return co_await resolver->getaddrinfo(std::move(host), number, options);
}

std::vector<SocketAddress> addresses_of(std::vector<AddrInfo> found) {
    std::vector<SocketAddress> addresses;
    for (AddrInfo& info : found) addresses.push_back(std::move(info.address));
    return addresses;
}

void raise_no_address(std::string_view host) {
    throw OSError("getaddrinfo('" + std::string(host) + "') returned empty list");
}

Coro<std::vector<SocketAddress>> resolve_host(std::string host, int port, AddrInfoOptions options,
                                              ResolveFor purpose, std::shared_ptr<Resolver> resolver) {
    auto numeric = try_resolve_numeric(host, checked_port(port), options.get_family(), purpose);
    if (numeric) co_return std::move(*numeric);
    if (purpose == ResolveFor::listening) options.flags(options.get_flags() | AI_PASSIVE);
    std::vector<AddrInfo> found = co_await ask_resolver(std::move(resolver), host, port, options);
    if (found.empty()) raise_no_address(host);
    co_return addresses_of(std::move(found));
}

}  // namespace detail

std::vector<SocketAddress> resolve_numeric(std::string_view host, std::uint16_t port, int family,
                                           ResolveFor purpose) {
    auto found = detail::try_resolve_numeric(host, port, family, purpose);
    if (found) return std::move(*found);
    throw gaierror(EAI_NONAME, "resolve '" + std::string(host) + "': neither numeric nor 'localhost'");
}

Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, int port, AddrInfoOptions options) {
    return detail::ask_resolver(nullptr, std::move(host), port, options);
}

Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, int port) {
    return getaddrinfo(std::move(host), port, AddrInfoOptions());
}

Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, std::string service, AddrInfoOptions options) {
    check_host(host);
    check_host(service);
    const std::shared_ptr<Resolver> resolver = get_resolver(get_running_loop());
    if (const auto port = port_of(service)) {
        co_return co_await resolver->getaddrinfo(std::move(host), *port, options);
    }
    const std::vector<AddrInfo> kinds = co_await detail::look_up_service(std::move(service), options);
    std::vector<AddrInfo> all;
    for (const AddrInfo& kind : kinds) {
        options.type(kind.type).proto(kind.proto);
        std::vector<AddrInfo> found = co_await resolver->getaddrinfo(host, kind.address.port(), options);
        std::move(found.begin(), found.end(), std::back_inserter(all));
    }
    co_return all;
}

Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, std::string service) {
    return getaddrinfo(std::move(host), std::move(service), AddrInfoOptions());
}

Coro<NameInfo> getnameinfo(SocketAddress address, int flags) {
    if (address.family() != AF_INET && address.family() != AF_INET6) {
        throw TypeError("getnameinfo() needs an IPv4 or IPv6 address, not " + address.str());
    }
    const std::shared_ptr<Resolver> resolver = get_resolver(get_running_loop());
    co_return co_await resolver->getnameinfo(std::move(address), flags);
}

Coro<> Resolver::getaddrinfo_in_parts(std::string host, std::uint16_t port, AddrInfoOptions options,
                                      Listener& listener) {
    std::vector<AddrInfo> all = co_await getaddrinfo(std::move(host), port, options);
    listener.found(std::move(all));
}

Coro<NameInfo> Resolver::getnameinfo(SocketAddress address, int flags) {
    return detail::look_up_name(std::move(address), flags);
}

void set_resolver(EventLoop& loop, std::shared_ptr<Resolver> resolver) {
    loop.check_call();
    const auto replaced = std::exchange(loop.parts().resolver, std::move(resolver));  // ends last
}

std::shared_ptr<Resolver> get_resolver(EventLoop& loop) {
    loop.check_call();
    std::shared_ptr<void>& resolver = loop.parts().resolver;
    if (!resolver) resolver = detail::make_thread_resolver();
    return std::static_pointer_cast<Resolver>(resolver);
}

}  // namespace aio
