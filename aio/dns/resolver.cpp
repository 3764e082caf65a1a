// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/dns/address_order_impl.hpp>
#include <aio/dns/lookups_impl.hpp>
#include <aio/dns/names_impl.hpp>
#include <aio/dns/resolver.hpp>
#include <aio/net/resolver_impl.hpp>

#include <ifaddrs.h>
#include <netdb.h>
#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

namespace aio::dns {
namespace {

using detail::Asked;
using detail::candidates_of;
using detail::checked_name;
using detail::is_host_name;
using detail::is_localhost;
using detail::Lookups;
using detail::Question;
using detail::raise_failure;

// --- what getaddrinfo() wants ---------------------------------------------------------------------

struct Kind {
    int type;
    int proto;
};

std::vector<Kind> kinds_of(const AddrInfoOptions& options, const std::string& host) {
    const std::array<Kind, 3> all{{{SOCK_STREAM, IPPROTO_TCP}, {SOCK_DGRAM, IPPROTO_UDP}, {SOCK_RAW, 0}}};
    std::vector<Kind> kinds;
    for (Kind kind : all) {
        if (options.get_type() != 0 && options.get_type() != kind.type) continue;
        if (kind.type == SOCK_RAW) kind.proto = options.get_proto();
        if (options.get_proto() == 0 || options.get_proto() == kind.proto) kinds.push_back(kind);
    }
    if (kinds.empty()) throw gaierror(EAI_SOCKTYPE, "resolve '" + host + "'");
    return kinds;
}

bool has_addresses_of(int family) {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return true;
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(first, ::freeifaddrs);
    for (const ifaddrs* item = first; item; item = item->ifa_next) {
        if (!item->ifa_addr || item->ifa_addr->sa_family != family) continue;
        const std::string host = SocketAddress::from_native(item->ifa_addr, sizeof(sockaddr_in6)).host();
        if (host != "::1" && !host.starts_with("127.")) return true;
    }
    return false;
}

struct Families {
    bool v4;
    bool v6;
};

Families families_of(const AddrInfoOptions& options, const std::string& host) {
    const int family = options.get_family();
    if (family != AF_UNSPEC && family != AF_INET && family != AF_INET6) {
        throw gaierror(EAI_FAMILY, "resolve '" + host + "'");
    }
    constexpr int kKnown = AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_NUMERICSERV | AI_ADDRCONFIG;
    if (options.get_flags() & ~kKnown) throw gaierror(EAI_BADFLAGS, "resolve '" + host + "'");
    Families families{family != AF_INET6, family != AF_INET};
    if (options.get_flags() & AI_ADDRCONFIG) {
        families.v4 = families.v4 && has_addresses_of(AF_INET);
        families.v6 = families.v6 && has_addresses_of(AF_INET6);
    }
    return families;
}

/// Where a host is.
struct Host {
    std::string name;
    std::vector<SocketAddress> addresses;
};

std::vector<AddrInfo> address_infos(Host host, std::uint16_t port, const AddrInfoOptions& options,
                                    const std::vector<Kind>& kinds) {
    std::vector<AddrInfo> infos;
    for (const SocketAddress& address : host.addresses) {
        for (const Kind& kind : kinds) {
            infos.push_back({address.family(), kind.type, kind.proto, std::string(),
                             SocketAddress(address.host(), port)});
        }
    }
    if ((options.get_flags() & AI_CANONNAME) && !infos.empty())
        infos.front().canonname = std::move(host.name);
    return infos;
}

// --- looking up -----------------------------------------------------------------------------------

// Adds what was found; gives the status.
int collect(const Asked* asked, Host& host) {
    if (!asked) return ARES_ENODATA;
    const Question& question = asked->question();
    if (question.status() != ARES_SUCCESS) return question.status();
    for (const Record& record : question.answer().records) host.addresses.emplace_back(record.value, 0);
    const std::string& alias = question.answer().name;
    host.name = is_host_name(alias) ? alias : question.name();
    return ARES_SUCCESS;
}

// The one that says more, where neither has an address: that a server gave no answer before that there is
// none.
int worse(int a, int b) noexcept {
    const auto weight = [](int status) {
        return status == ARES_ENOTFOUND ? 0 : status == ARES_ENODATA ? 1 : 2;
    };
    return weight(a) >= weight(b) ? a : b;
}

/// Hears of addresses before all are known.
class PartHearer {
public:
    PartHearer(aio::Resolver::Listener& listener, std::uint16_t port, const AddrInfoOptions& options,
               const std::vector<Kind>& kinds)
        : listener_(listener), port_(port), options_(options), kinds_(kinds) {}
    void tell(Host part) const {
        if (part.addresses.empty()) return;
        listener_.found(address_infos(std::move(part), port_, options_, kinds_));
    }

private:
    aio::Resolver::Listener& listener_;
    const std::uint16_t port_;
    const AddrInfoOptions& options_;
    const std::vector<Kind>& kinds_;
};

// Tells of the one that is answered, if it has addresses and the other is not answered yet; gives it then.
const Asked* tell_first(const Asked& v6, const Asked& v4, const PartHearer& hearer) {
    const bool first6 = v6.question().answered();
    const Asked& first = first6 ? v6 : v4;
    Host part;
    if (first6 == v4.question().answered() || collect(&first, part) != ARES_SUCCESS) return nullptr;
    detail::order_addresses(part.addresses);
    hearer.tell(std::move(part));
    return &first;
}

// Adds to `host` what `hearer`, null if nobody hears, was not told.
Coro<int> ask_addresses(std::shared_ptr<Lookups> lookups, std::string name, Families families, Host& host,
                        const PartHearer* hearer) {
    std::optional<Asked> v6;
    std::optional<Asked> v4;
    const std::array<std::optional<Asked>*, 2> both{&v6, &v4};
    if (families.v6) v6.emplace(lookups, name, Type::AAAA);
    if (families.v4) v4.emplace(lookups, name, Type::A);
    const Asked* told = nullptr;
    if (hearer && v6 && v4) {
        detail::FirstAnswer first(*v6, *v4);
        co_await first;
        told = tell_first(*v6, *v4, *hearer);
    }
    for (std::optional<Asked>* const asked : both) {
        if (!*asked) continue;
        Asked& waiting = **asked;  // g++ 12 copies what co_await dereferences
        co_await waiting;
    }
    const int found6 = collect(v6 && &*v6 != told ? &*v6 : nullptr, host);
    const int found4 = collect(v4 && &*v4 != told ? &*v4 : nullptr, host);
    if (told || !host.addresses.empty()) co_return ARES_SUCCESS;
    if (!v6) co_return found4;
    co_return v4 ? worse(found6, found4) : found6;
}

// Without looking into DNS.
std::optional<Host> known_host(Lookups& lookups, const std::string& name, Families families,
                               const AddrInfoOptions& options) {
    const auto wanted = [&](const SocketAddress& address) {
        return address.family() == AF_INET ? families.v4 : families.v6;
    };
    const std::string small = detail::lower(name.back() == '.' ? name.substr(0, name.size() - 1) : name);
    if (const auto* const entry = lookups.hosts().find(small)) {
        Host host;
        host.name = entry->name;
        std::copy_if(entry->addresses.begin(), entry->addresses.end(), std::back_inserter(host.addresses),
                     wanted);
        if (!host.addresses.empty()) return host;
    }
    if (is_localhost(name)) {
        Host host;
        host.name = "localhost";
        host.addresses = resolve_numeric("localhost", 0, options.get_family(), ResolveFor::connecting);
        return host;
    }
    return std::nullopt;
}

Coro<Host> look_up(std::shared_ptr<Lookups> lookups, std::string host, AddrInfoOptions options,
                   const PartHearer* hearer) {
    const Families families = families_of(options, host);
    const bool listening = (options.get_flags() & AI_PASSIVE) != 0;
    const bool numeric = (options.get_flags() & AI_NUMERICHOST) != 0;
    Host found;
    if (host.empty() || SocketAddress::parse(host, 0)) {
        found.name = host;
        found.addresses = resolve_numeric(host, 0, options.get_family(),
                                          listening ? ResolveFor::listening : ResolveFor::connecting);
        co_return found;
    }
    if (numeric) throw gaierror(EAI_NONAME, "resolve '" + host + "'");
    const std::string name = checked_name(host);
    lookups->open();
    if (auto known = known_host(*lookups, name, families, options)) co_return std::move(*known);
    int status = ARES_ENOTFOUND;
    const std::vector<std::string> candidates = candidates_of(name, *lookups);
    for (const std::string& candidate : candidates) {
        const int outcome = co_await ask_addresses(lookups, candidate, families, found, hearer);
        if (outcome == ARES_SUCCESS) {
            detail::order_addresses(found.addresses);
            co_return found;
        }
        status = worse(status, outcome);
        const bool absent = outcome == ARES_ENOTFOUND || outcome == ARES_ENODATA || outcome == ARES_ESERVFAIL;
        if (!absent) break;
    }
    raise_failure(host, status);
}

Coro<std::vector<AddrInfo>> resolve(std::shared_ptr<Lookups> lookups, std::string host, std::uint16_t port,
                                    AddrInfoOptions options) {
    const std::vector<Kind> kinds = kinds_of(options, host);
    Host found = co_await look_up(std::move(lookups), std::move(host), options, nullptr);
    co_return address_infos(std::move(found), port, options, kinds);
}

Coro<> resolve_in_parts(std::shared_ptr<Lookups> lookups, std::string host, std::uint16_t port,
                        AddrInfoOptions options, aio::Resolver::Listener& listener) {
    const std::vector<Kind> kinds = kinds_of(options, host);
    const PartHearer hearer(listener, port, options, kinds);
    Host rest = co_await look_up(std::move(lookups), std::move(host), options, &hearer);
    hearer.tell(std::move(rest));
}

Coro<std::vector<Record>> ask(std::shared_ptr<Lookups> lookups, std::string name, Type type) {
    std::string checked = checked_name(name);
    if (checked.back() == '.') checked.pop_back();
    Asked asked(lookups, checked, type);
    co_await asked;
    const Question& question = asked.question();
    if (question.status() != ARES_SUCCESS) raise_failure(name, question.status());
    std::vector<Record> records = question.answer().records;
    if (question.expires() != TimePoint()) {  // kept, maybe for some time
        const auto left = std::chrono::ceil<std::chrono::seconds>(question.expires() - lookups->now());
        for (Record& record : records) record.ttl = std::min(record.ttl, left);
    }
    co_return records;
}

// --- names of addresses ---------------------------------------------------------------------------

// "4.3.2.1.in-addr.arpa"
std::string pointer_name(const SocketAddress& address) {
    constexpr const char* kDigits = "0123456789abcdef";
    std::string name;
    if (address.family() == AF_INET) {
        sockaddr_in native{};
        std::memcpy(&native, address.native(), sizeof native);
        std::array<std::uint8_t, 4> bytes{};
        std::memcpy(bytes.data(), &native.sin_addr, bytes.size());
        for (std::size_t i = bytes.size(); i-- > 0;) name += std::to_string(bytes[i]) + ".";
        return name + "in-addr.arpa";
    }
    sockaddr_in6 native{};
    std::memcpy(&native, address.native(), sizeof native);
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &native.sin6_addr, bytes.size());
    for (std::size_t i = bytes.size(); i-- > 0;) {
        name += {kDigits[bytes[i] & 0xf], '.', kDigits[bytes[i] >> 4], '.'};
    }
    return name + "ip6.arpa";
}

Coro<std::string> name_of(std::shared_ptr<Lookups> lookups, SocketAddress address, int flags) {
    if (flags & NI_NUMERICHOST) co_return address.host();
    lookups->open();
    std::string known = lookups->hosts().name_of(address);
    if (!known.empty()) co_return known;
    Asked asked(lookups, pointer_name(address), Type::PTR);
    co_await asked;
    const Question& question = asked.question();
    for (const Record& record : question.answer().records) {
        if (is_host_name(record.value)) co_return record.value;
    }
    if (question.status() == ARES_EDESTRUCTION) raise_failure(address.host(), question.status());
    if ((flags & NI_NAMEREQD) == 0) co_return address.host();
    const bool absent = question.status() == ARES_ENODATA || question.status() == ARES_SUCCESS;
    raise_failure(address.host(), absent ? ARES_ENOTFOUND : question.status());
}

Coro<NameInfo> name_info(std::shared_ptr<Lookups> lookups, SocketAddress address, int flags) {
    NameInfo info;
    info.host = co_await name_of(std::move(lookups), address, flags);
    info.service = std::to_string(address.port());
    if (flags & NI_NUMERICSERV) co_return info;
    const NameInfo system = co_await aio::detail::look_up_name(std::move(address), flags | NI_NUMERICHOST);
    info.service = system.service;
    co_return info;
}

}  // namespace

Resolver::Resolver(ResolverOptions options) : lookups_(std::make_shared<Lookups>(std::move(options))) {}

Resolver::~Resolver() { lookups_->close(); }

Coro<std::vector<AddrInfo>> Resolver::getaddrinfo(std::string host, std::uint16_t port,
                                                  AddrInfoOptions options) {
    return resolve(lookups_, std::move(host), port, options);
}

Coro<> Resolver::getaddrinfo_in_parts(std::string host, std::uint16_t port, AddrInfoOptions options,
                                      Listener& listener) {
    return resolve_in_parts(lookups_, std::move(host), port, options, listener);
}

Coro<NameInfo> Resolver::getnameinfo(SocketAddress address, int flags) {
    return name_info(lookups_, std::move(address), flags);
}

Coro<std::vector<Record>> Resolver::query(std::string name, Type type) {
    return ask(lookups_, std::move(name), type);
}

void Resolver::clear_cache() noexcept { lookups_->clear(); }
std::size_t Resolver::cached() const noexcept { return lookups_->kept(); }
void Resolver::close() noexcept { lookups_->close(); }

}  // namespace aio::dns
