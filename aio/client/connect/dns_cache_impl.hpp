// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/base/time.hpp>
#include <aio/client/connector.hpp>
#include <aio/net/resolver.hpp>
#include <aio/sync/event.hpp>
#include <aio/task/task.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aio::http::detail {

/// The addresses of hosts that a connector was told. A host that several ask for at the same time is looked
/// up once, in a task that belongs to none of them: who is cancelled leaves the others their answer, and the
/// cache as well. What fails is not kept.
class DnsCache : public std::enable_shared_from_this<DnsCache> {
public:
    using Addresses = std::vector<AddrInfo>;
    using Name = std::pair<std::string, std::uint16_t>;

    /// `resolver` may be null, for the loop's. With `keep` off every call asks it.
    DnsCache(std::shared_ptr<Resolver> resolver, int family, bool keep, const TimeLimit& ttl)
        : resolver_(std::move(resolver)), ttl_(ttl), family_(family), keep_(keep) {}

    /// Throws gaierror, or what else the resolver throws; ConnectionClosedError if it is closed meanwhile.
    /// Cancellation: immediate.
    Coro<Addresses> resolve(std::string host, std::uint16_t port, std::shared_ptr<ConnectTrace> trace);

    void clear() noexcept { entries_.clear(); }
    void clear(const std::string& host, std::uint16_t port) { entries_.erase(Name(host, port)); }
    std::vector<Name> hosts() const;
    /// Ends the look-ups.
    void close() noexcept;

private:
    struct LookUp {
        Event done;
        Addresses found;
        std::exception_ptr error;
        AnyTask task;
        void end_with(std::exception_ptr failure) {
            if (!done.is_set()) error = std::move(failure);
            done.set();
        }
    };
    struct Entry {
        Addresses found;
        TimePoint until;
    };
    /// More than that are not kept: the names may be somebody's who wants to fill the memory.
    static constexpr std::size_t kMost = 1000;

    Coro<Addresses> ask(std::string host, std::uint16_t port) const;
    Coro<Addresses> look_up(Name name, std::shared_ptr<ConnectTrace> trace);
    static Coro<> run(std::shared_ptr<DnsCache> self, std::shared_ptr<LookUp> look_up, Name name);
    const Entry* fresh(const Name& name);
    void keep(const Name& name, const Addresses& found);

    const std::shared_ptr<Resolver> resolver_;
    const TimeLimit ttl_;
    const int family_;
    const bool keep_;
    bool closed_ = false;
    std::map<Name, Entry> entries_;
    std::map<Name, std::shared_ptr<LookUp>> pending_;
};

}  // namespace aio::http::detail
