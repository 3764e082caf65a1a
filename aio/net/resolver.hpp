// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>
#include <aio/transport/socket_address.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aio {

/// A host name could not be turned into an address. Mirrors socket.gaierror: `code()` holds an EAI_
/// number of getaddrinfo().
class gaierror : public OSError {  // NOLINT(readability-identifier-naming): Python's name
public:
    gaierror(int error, const std::string& operation);
};

class EventLoop;
template <class T>
class Coro;

/// What an address is looked up for.
enum class ResolveFor {
    connecting,  ///< an empty host means this machine's loopback addresses
    listening,   ///< an empty host means all interfaces
};

/// Addresses of `host`, in the order in which they should be tried: numeric addresses and "localhost",
/// which need no name server and therefore do not block.
///
/// `family` limits the result to AF_INET or AF_INET6; AF_UNSPEC takes both. "localhost" is ::1 and
/// 127.0.0.1, without ::1 where the machine has no IPv6. Throws gaierror for every other name, ValueError for
/// one with a zero byte in it. For names see getaddrinfo().
std::vector<SocketAddress> resolve_numeric(std::string_view host, std::uint16_t port, int family,
                                           ResolveFor purpose);

/// Keyword arguments of getaddrinfo(), with the meaning they have in getaddrinfo(3); 0 leaves it open.
class AddrInfoOptions {
public:
    AddrInfoOptions() {}
    /// AF_INET or AF_INET6 only.
    AddrInfoOptions& family(int family) & {
        family_ = family;
        return *this;
    }
    AddrInfoOptions&& family(int family) && AIO_LIFETIME_BOUND { return std::move(this->family(family)); }
    /// SOCK_STREAM or SOCK_DGRAM only.
    AddrInfoOptions& type(int type) & {
        type_ = type;
        return *this;
    }
    AddrInfoOptions&& type(int type) && AIO_LIFETIME_BOUND { return std::move(this->type(type)); }
    AddrInfoOptions& proto(int proto) & {
        proto_ = proto;
        return *this;
    }
    AddrInfoOptions&& proto(int proto) && AIO_LIFETIME_BOUND { return std::move(this->proto(proto)); }
    /// AI_ bits.
    AddrInfoOptions& flags(int flags) & {
        flags_ = flags;
        return *this;
    }
    AddrInfoOptions&& flags(int flags) && AIO_LIFETIME_BOUND { return std::move(this->flags(flags)); }

    int get_family() const noexcept { return family_; }
    int get_type() const noexcept { return type_; }
    int get_proto() const noexcept { return proto_; }
    int get_flags() const noexcept { return flags_; }

private:
    int family_ = AF_UNSPEC;
    int type_ = 0;
    int proto_ = 0;
    int flags_ = 0;
};

/// One of the ways to reach a host: what Python gives as a tuple.
struct AddrInfo {
    int family = AF_UNSPEC;
    int type = 0;
    int proto = 0;
    std::string canonname;  ///< of the first one, if AI_CANONNAME was asked for
    SocketAddress address;
};

/// Looks up the addresses of a host, in the order in which they should be tried. Mirrors loop.getaddrinfo().
/// It asks the loop's resolver: by default getaddrinfo(3) in a few threads of the loop's own, which no other
/// call can keep busy; a numeric host needs none of them. An empty host is Python's None: this machine's
/// loopback addresses, or with AI_PASSIVE all interfaces. Names beyond ASCII are handed on as they are: see
/// dns::idna_encode(), or choose a dns::Resolver.
///
/// Cancellation: immediate. A call that a thread has begun goes on there, and its result is dropped.
/// Throws gaierror, and ValueError for a bad port or a host with a zero byte in it.
Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, int port, AddrInfoOptions options);
Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, int port);
/// For a service by its name ("http") or its number as text; an empty one is port 0. What the system knows
/// of services is read in a thread. Without a type, one that streams and datagrams have is looked up for
/// each.
Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, std::string service, AddrInfoOptions options);
Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, std::string service);

/// What an address is called: what Python gives as a tuple.
struct NameInfo {
    std::string host;     ///< numeric if nobody knows a name
    std::string service;  ///< the port, if it has no name
};

/// Looks up the names of an IPv4 or IPv6 address and its port; `flags` are NI_ bits, with the meaning they
/// have in getnameinfo(3). Mirrors loop.getnameinfo(). It asks the loop's resolver; with NI_NUMERICHOST and
/// NI_NUMERICSERV no thread is needed.
///
/// Cancellation: as getaddrinfo(). Throws gaierror (EAI_NONAME with NI_NAMEREQD), TypeError for an address
/// that is empty or a Unix socket's.
Coro<NameInfo> getnameinfo(SocketAddress address, int flags = 0);

/// Turns names into addresses and back, for a loop and in its thread.
///
/// Derive from it to ask another library, or to have a test's names. Every call that takes a host asks it,
/// unless the host is numeric, empty or "localhost"; the function getaddrinfo() asks it always.
class Resolver {
public:
    /// Who hears of a host's addresses while others are still being looked up.
    class Listener {
    public:
        virtual void found(std::vector<AddrInfo> some) = 0;

    protected:
        ~Listener() = default;
    };

    virtual ~Resolver() = default;
    /// getaddrinfo() with checked arguments. The coroutine is awaited once; the resolver lives until it has
    /// ended. When it is cancelled it should withdraw its question.
    virtual Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, std::uint16_t port,
                                                    AddrInfoOptions options) = 0;
    /// getaddrinfo() for who can use the addresses of one family before those of the other are known, as
    /// connections with ConnectOptions::happy_eyeballs_delay() do (RFC 8305): tells them as they are found,
    /// each once, each time in the order in which they should be tried. Ends when there are no more; throws
    /// only where it has told none. By default it tells all that getaddrinfo() gives, at once. `listener`
    /// lives until it has ended.
    virtual Coro<void> getaddrinfo_in_parts(std::string host, std::uint16_t port, AddrInfoOptions options,
                                            Listener& listener);
    /// getnameinfo() with a checked address, in the same way. By default getnameinfo(3) in a thread.
    virtual Coro<NameInfo> getnameinfo(SocketAddress address, int flags);
};

/// Replaces who is asked from now on; null restores the default. The loop lets go of it when it closes.
void set_resolver(EventLoop& loop, std::shared_ptr<Resolver> resolver);
/// Who is asked. Throws RuntimeError if the loop is closed.
std::shared_ptr<Resolver> get_resolver(EventLoop& loop);

}  // namespace aio
