// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/dns/record.hpp>
#include <aio/dns/resolver_options.hpp>
#include <aio/net/resolver.hpp>
#include <aio/task/coro.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace aio::dns {

namespace detail {
class Lookups;
}

/// Asks name servers itself, over sockets that the loop watches: no threads, however many names are asked
/// for at once. What aiodns is for asyncio.
///
///     aio::set_resolver(loop, std::make_shared<aio::dns::Resolver>());    // for whatever connects in the
///     loop auto found = co_await resolver->getaddrinfo("www.example.org", 80, options);    // for one call
///
/// It knows the hosts file, the search list, aliases and international names (see idna_encode()), keeps
/// answers for their time to live, also negative ones, and asks once for what several ask at the same time:
/// cancelling one of them does not disturb the others.
///
/// The surprising rule: it asks DNS and the hosts file, whatever /etc/nsswitch.conf says. Names that come
/// from elsewhere (mDNS, LDAP, a container's resolver module) only the loop's default resolver knows.
///
/// Its time limits pass by the system's clock, also in a loop with another one; how long answers are kept, by
/// the loop's.
/// Threads: that of the loop in which it is asked first; in another loop it throws RuntimeError.
class Resolver final : public aio::Resolver {
public:
    /// Reads nothing yet. Throws ValueError for a limit or number that is negative or zero.
    explicit Resolver(ResolverOptions options = ResolverOptions());
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;
    ~Resolver() override;

    /// As aio::getaddrinfo(). Addresses come in the order of RFC 6724, those that this machine has no route
    /// to last. It waits for the answers about both families, but one that has addresses is enough.
    ///
    /// Of the flags it knows AI_PASSIVE, AI_CANONNAME, AI_NUMERICHOST, AI_NUMERICSERV and AI_ADDRCONFIG.
    /// Cancellation: immediate; the question is withdrawn when nobody waits for it any more.
    /// Throws gaierror with EAI_NONAME (there is no such name), EAI_NODATA (it has no address), EAI_AGAIN (no
    /// server gave an answer) or EAI_FAIL (a senseless one), OSError (ECANCELED) if it is closed meanwhile,
    /// RuntimeError if it was before.
    Coro<std::vector<AddrInfo>> getaddrinfo(std::string host, std::uint16_t port,
                                            AddrInfoOptions options) override;
    /// The same for connections with happy eyeballs: of a host whose one family is answered first it tells
    /// the addresses of that before it waits for the other. Names of the search list are not mixed.
    Coro<> getaddrinfo_in_parts(std::string host, std::uint16_t port, AddrInfoOptions options,
                                Listener& listener) override;
    /// As aio::getnameinfo(). The port's name comes from the system, in a thread.
    Coro<NameInfo> getnameinfo(SocketAddress address, int flags) override;

    /// The records of a name, as they are: without hosts file and search list. Aliases are followed, except
    /// for CNAME records. Cancellation and errors as getaddrinfo().
    ///
    ///     auto servers = co_await resolver.query("example.org", aio::dns::Type::MX);
    Coro<std::vector<Record>> query(std::string name, Type type);

    /// Forgets all answers.
    void clear_cache() noexcept;
    /// How many answers it keeps.
    std::size_t cached() const noexcept;
    /// Withdraws all questions: who waits gets an OSError (ECANCELED). Idempotent; the destructor does it.
    void close() noexcept;

private:
    const std::shared_ptr<detail::Lookups> lookups_;
};

}  // namespace aio::dns
