// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/transport/socket_address.hpp>

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/un.h>
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace aio {

struct SocketAddress::Unix {
    sockaddr_un address;
    socklen_t size;
};

namespace {

// The kernel and the C library would take it for the end.
void refuse_null(std::string_view text) {
    if (text.find('\0') != text.npos) throw ValueError("embedded null character");
}

constexpr socklen_t kPathOffset = offsetof(sockaddr_un, sun_path);

// A zone is an interface's name or its number.
std::optional<std::uint32_t> parse_zone(const std::string& zone) noexcept {
    if (zone.empty()) return std::nullopt;
    if (const unsigned index = ::if_nametoindex(zone.c_str())) return index;
    char* end = nullptr;
    const unsigned long number = std::strtoul(zone.c_str(), &end, 10);
    if (*end != '\0' || number > 0xffffffffUL) return std::nullopt;
    return static_cast<std::uint32_t>(number);
}

}  // namespace

std::optional<SocketAddress> SocketAddress::parse(std::string_view host, std::uint16_t port) noexcept {
    if (host.size() >= INET6_ADDRSTRLEN + IF_NAMESIZE || host.find('\0') != host.npos) return std::nullopt;
    SocketAddress result;
    std::string text(host);
    if (::inet_pton(AF_INET, text.c_str(), &result.ip_.v4.sin_addr) == 1) {
        result.ip_.v4.sin_family = AF_INET;
        result.ip_.v4.sin_port = htons(port);
        return result;
    }
    std::uint32_t scope = 0;
    if (const std::size_t percent = text.find('%'); percent != text.npos) {
        const auto zone = parse_zone(text.substr(percent + 1));
        if (!zone) return std::nullopt;
        scope = *zone;
        text.resize(percent);
    }
    result.ip_.v6 = {};
    if (::inet_pton(AF_INET6, text.c_str(), &result.ip_.v6.sin6_addr) != 1) return std::nullopt;
    result.ip_.v6.sin6_family = AF_INET6;
    result.ip_.v6.sin6_port = htons(port);
    result.ip_.v6.sin6_scope_id = scope;
    return result;
}

SocketAddress::SocketAddress(std::string_view host, std::uint16_t port) {
    refuse_null(host);
    auto parsed = parse(host, port);
    if (!parsed) throw ValueError("'" + std::string(host) + "' is not a numeric IPv4 or IPv6 address");
    *this = *std::move(parsed);
}

SocketAddress SocketAddress::unix_path(std::string_view path) {
    Unix name{};
    const bool has_terminator = !path.empty() && path.front() != '\0';
    const std::size_t most = sizeof(name.address.sun_path) - (has_terminator ? 1 : 0);
    if (path.size() > most) {
        throw ValueError("Unix socket path of " + std::to_string(path.size()) +
                         " bytes is too long (at most " + std::to_string(most) + ")");
    }
    name.address.sun_family = AF_UNIX;
    path.copy(name.address.sun_path, path.size());
    if (has_terminator) refuse_null(path);
    name.size = kPathOffset + static_cast<socklen_t>(path.size()) + (has_terminator ? 1 : 0);
    SocketAddress result;
    result.unix_ = std::make_shared<const Unix>(name);
    return result;
}

SocketAddress SocketAddress::from_native(const sockaddr* address, socklen_t size) {
    SocketAddress result;
    if (size < sizeof(sa_family_t)) return result;
    switch (address->sa_family) {
        case AF_INET:
            if (size >= sizeof(sockaddr_in)) std::memcpy(&result.ip_.v4, address, sizeof(sockaddr_in));
            break;
        case AF_INET6:
            if (size >= sizeof(sockaddr_in6)) std::memcpy(&result.ip_.v6, address, sizeof(sockaddr_in6));
            break;
        case AF_UNIX:
            if (size > kPathOffset && size <= sizeof(sockaddr_un)) {
                Unix name{};
                std::memcpy(&name.address, address, size);
                name.size = size;
                result.unix_ = std::make_shared<const Unix>(name);
            }
            break;
        default:
            break;
    }
    return result;
}

std::string SocketAddress::host() const {
    char text[INET6_ADDRSTRLEN] = "";
    switch (family()) {
        case AF_INET:
            return ::inet_ntop(AF_INET, &ip_.v4.sin_addr, text, sizeof text);
        case AF_INET6: {
            std::string host = ::inet_ntop(AF_INET6, &ip_.v6.sin6_addr, text, sizeof text);
            if (ip_.v6.sin6_scope_id == 0) return host;
            char zone[IF_NAMESIZE];
            const char* name = ::if_indextoname(ip_.v6.sin6_scope_id, zone);
            return host + "%" + (name ? name : std::to_string(ip_.v6.sin6_scope_id));
        }
        default:
            return path();
    }
}

std::uint16_t SocketAddress::port() const noexcept {
    switch (family()) {
        case AF_INET:
            return ntohs(ip_.v4.sin_port);
        case AF_INET6:
            return ntohs(ip_.v6.sin6_port);
        default:
            return 0;
    }
}

std::string SocketAddress::path() const {
    if (!unix_) return {};
    const char* name = unix_->address.sun_path;
    const std::size_t size = unix_->size - kPathOffset;
    if (size > 0 && name[0] == '\0') return std::string(name, size);
    return std::string(name, ::strnlen(name, size));
}

std::string SocketAddress::str() const {
    switch (family()) {
        case AF_INET:
            return host() + ":" + std::to_string(port());
        case AF_INET6:
            return "[" + host() + "]:" + std::to_string(port());
        case AF_UNIX: {
            std::string name = path();
            if (name.empty()) return "(unnamed)";
            std::replace(name.begin(), name.end(), '\0', '@');  // of an abstract name, as ss(8) shows it
            return name;
        }
        default:
            return "(unnamed)";
    }
}

const sockaddr* SocketAddress::native() const noexcept {
    return unix_ ? reinterpret_cast<const sockaddr*>(&unix_->address)
                 : reinterpret_cast<const sockaddr*>(&ip_);
}

socklen_t SocketAddress::native_size() const noexcept {
    switch (family()) {
        case AF_INET:
            return sizeof(sockaddr_in);
        case AF_INET6:
            return sizeof(sockaddr_in6);
        case AF_UNIX:
            return unix_->size;
        default:
            return sizeof(sa_family_t);
    }
}

bool operator==(const SocketAddress& a, const SocketAddress& b) noexcept {
    if (a.family() != b.family()) return false;
    switch (a.family()) {
        case AF_INET:
            return a.port() == b.port() && a.ip_.v4.sin_addr.s_addr == b.ip_.v4.sin_addr.s_addr;
        case AF_INET6:
            return a.port() == b.port() && a.ip_.v6.sin6_scope_id == b.ip_.v6.sin6_scope_id &&
                   std::memcmp(&a.ip_.v6.sin6_addr, &b.ip_.v6.sin6_addr, sizeof(in6_addr)) == 0;
        case AF_UNIX:
            return a.unix_->size == b.unix_->size &&
                   std::memcmp(&a.unix_->address, &b.unix_->address, a.unix_->size) == 0;
        default:
            return true;
    }
}

}  // namespace aio
