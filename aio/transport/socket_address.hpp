// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr_un;

namespace aio {

/// The address of a socket: IPv4, IPv6 or Unix (a path, or a name in the abstract name space).
///
/// A value: cheap to copy, comparable, empty by default. What asyncio hands around as a tuple.
/// Threads: any, as a value.
class SocketAddress {
public:
    /// No address: what an unnamed Unix socket or a closed one has.
    SocketAddress() noexcept = default;

    /// Numeric IPv4 or IPv6 address ("127.0.0.1", "::1", "fe80::1%eth0") and port.
    /// Throws ValueError if `host` is not numeric or has a zero byte; see getaddrinfo() for names.
    SocketAddress(std::string_view host, std::uint16_t port);

    /// The same, giving nothing for a host that is not numeric.
    static std::optional<SocketAddress> parse(std::string_view host, std::uint16_t port) noexcept;

    /// Path of a Unix socket; one that begins with '\0' is an abstract name.
    /// Throws ValueError if it is longer than the kernel takes (107 bytes, 108 of an abstract name), or a
    /// path with a zero byte in it.
    static SocketAddress unix_path(std::string_view path);

    /// From the kernel's form; an unknown family gives an empty address.
    static SocketAddress from_native(const sockaddr* address, socklen_t size);

    /// AF_INET, AF_INET6, AF_UNIX, or AF_UNSPEC when empty.
    int family() const noexcept { return unix_ ? AF_UNIX : ip_.v4.sin_family; }
    bool empty() const noexcept { return family() == AF_UNSPEC; }

    /// The numeric address without the port; the path of a Unix socket.
    std::string host() const;
    /// The port; 0 for Unix sockets.
    std::uint16_t port() const noexcept;
    /// The path of a Unix socket, else empty.
    std::string path() const;

    /// For people: "127.0.0.1:80", "[::1]:80", "/run/app.sock", "@abstract" with '@' for each zero byte,
    /// "(unnamed)".
    std::string str() const;

    /// The kernel's form, valid as long as this object is.
    const sockaddr* native() const noexcept;
    socklen_t native_size() const noexcept;

    friend bool operator==(const SocketAddress& a, const SocketAddress& b) noexcept;

private:
    union Ip {
        sockaddr_in v4;
        sockaddr_in6 v6;
    };
    struct Unix;

    Ip ip_{};
    std::shared_ptr<const Unix> unix_;  // the long form is rare, so it is not carried by every address
};

}  // namespace aio
