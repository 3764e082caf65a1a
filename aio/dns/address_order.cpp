// SPDX-License-Identifier: MIT
#include <aio/dns/address_order_impl.hpp>
#include <aio/transport/socket.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

namespace aio::dns::detail {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

// IPv4 as ::ffff:0:0/96
Bytes bytes_of(const SocketAddress& address) noexcept {
    Bytes bytes{};
    if (address.family() == AF_INET6) {
        sockaddr_in6 native{};
        std::memcpy(&native, address.native(), sizeof native);
        std::memcpy(bytes.data(), &native.sin6_addr, bytes.size());
    } else {
        sockaddr_in native{};
        std::memcpy(&native, address.native(), sizeof native);
        bytes[10] = bytes[11] = 0xff;
        std::memcpy(bytes.data() + 12, &native.sin_addr, 4);
    }
    return bytes;
}

int common_bits(const Bytes& a, const Bytes& b) noexcept {
    int bits = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const unsigned different = static_cast<unsigned>(a[i] ^ b[i]);
        if (different == 0) {
            bits += 8;
            continue;
        }
        for (unsigned mask = 0x80; (different & mask) == 0; mask >>= 1) ++bits;
        break;
    }
    return bits;
}

struct Policy {
    Bytes prefix;
    int bits;
    int precedence;
    int label;
};

// RFC 6724, 2.1; longer prefixes first.
constexpr std::array<Policy, 9> kPolicies{{
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, 50, 0},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 35, 4},
    {{}, 96, 1, 3},
    {{0x20, 0x01}, 32, 5, 5},
    {{0x20, 0x02}, 16, 30, 2},
    {{0x3f, 0xfe}, 16, 1, 12},
    {{0xfe, 0xc0}, 10, 1, 11},
    {{0xfc}, 7, 3, 13},
    {{}, 0, 40, 1},
}};

const Policy& policy_of(const Bytes& address) noexcept {
    return *std::find_if(kPolicies.begin(), kPolicies.end(), [&](const Policy& policy) {
        return common_bits(address, policy.prefix) >= policy.bits;
    });
}

// As in multicast addresses: 2 link-local, 5 site-local, 14 global.
int scope_of(const Bytes& address) noexcept {
    const bool v4 = policy_of(address).label == 4;
    if (v4) return address[12] == 127 || (address[12] == 169 && address[13] == 254) ? 2 : 14;
    if (address[0] == 0xff) return address[1] & 0xf;
    if (policy_of(address).label == 0 || (address[0] == 0xfe && (address[1] & 0xc0) == 0x80)) return 2;
    return address[0] == 0xfe && (address[1] & 0xc0) == 0xc0 ? 5 : 14;
}

/// Where this machine would send from; a UDP socket's connect() sends nothing. One socket serves all
/// addresses of a family, because to make and to close one is most of the cost.
class Sources {
public:
    std::optional<Bytes> source_for(const SocketAddress& address) {
        Socket& socket = address.family() == AF_INET6 ? v6_ : v4_;
        if (socket) {
            let_go(socket);
        } else {
            const int fd = ::socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
            if (fd < 0) return std::nullopt;
            socket = Socket(fd);
        }
        sockaddr_storage to{};
        std::memcpy(&to, address.native(), address.native_size());
        const in_port_t port = htons(53);  // any but 0
        static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
        std::memcpy(reinterpret_cast<char*>(&to) + offsetof(sockaddr_in, sin_port), &port, sizeof port);
        const int fd = socket.fileno();
        if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), address.native_size()) != 0)
            return std::nullopt;
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        if (::getsockname(fd, reinterpret_cast<sockaddr*>(&from), &size) != 0) return std::nullopt;
        return bytes_of(SocketAddress::from_native(reinterpret_cast<const sockaddr*>(&from), size));
    }

private:
    // Else the source of the address before would stay.
    static void let_go(const Socket& socket) noexcept {
        sockaddr nobody{};
        nobody.sa_family = AF_UNSPEC;
        ::connect(socket.fileno(), &nobody, sizeof nobody);
    }
    Socket v4_;
    Socket v6_;
};

// The rules of RFC 6724, 6, that need no knowledge of interfaces; more is better.
std::array<int, 6> rank_of(const SocketAddress& address, Sources& sources) {
    const std::optional<Bytes> source = sources.source_for(address);
    if (!source) return {};
    const Bytes bytes = bytes_of(address);
    const Policy& policy = policy_of(bytes);
    const int scope = scope_of(bytes);
    const bool same_scope = scope == scope_of(*source);
    const bool same_label = policy.label == policy_of(*source).label;
    const int prefix = address.family() == AF_INET6 ? std::min(common_bits(bytes, *source), 64) : 0;
    return {1, same_scope, same_label, policy.precedence, -scope, prefix};
}

struct Candidate {
    Candidate(const SocketAddress& its_address, Sources& sources)
        : address(&its_address), rank(rank_of(its_address, sources)) {}

    const SocketAddress* address;  // of an array
    std::array<int, 6> rank;
};

}  // namespace

void order_addresses(std::vector<SocketAddress>& addresses) {
    if (addresses.size() < 2) return;
    Sources sources;
    std::vector<Candidate> candidates;
    for (const SocketAddress& address : addresses) candidates.emplace_back(address, sources);
    // Equal ones stay as they were.
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.rank != b.rank ? a.rank > b.rank : a.address < b.address;
    });
    std::vector<SocketAddress> ordered;
    for (const Candidate& candidate : candidates) ordered.push_back(*candidate.address);
    addresses.swap(ordered);
}

}  // namespace aio::dns::detail
