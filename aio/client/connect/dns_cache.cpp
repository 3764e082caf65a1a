// SPDX-License-Identifier: MIT
#include <aio/client/connect/dns_cache_impl.hpp>
#include <aio/client/errors.hpp>
#include <aio/loop/event_loop.hpp>

#include <netdb.h>

#include <algorithm>
#include <utility>

namespace aio::http::detail {

Coro<DnsCache::Addresses> DnsCache::resolve(std::string host, std::uint16_t port,
                                            std::shared_ptr<ConnectTrace> trace) {
    if (closed_) throw ConnectionClosedError();
    if (!keep_) {
        if (trace) co_await trace->dns_resolvehost_start(host);
        Addresses found = co_await ask(host, port);
        if (trace) co_await trace->dns_resolvehost_end(host);
        co_return found;
    }
    Name name(std::move(host), port);
    if (const Entry* const entry = fresh(name)) {
        Addresses found = entry->found;
        if (trace) co_await trace->dns_cache_hit(name.first);
        co_return found;
    }
    co_return co_await look_up(std::move(name), std::move(trace));
}

Coro<DnsCache::Addresses> DnsCache::ask(std::string host, std::uint16_t port) const {
    const AddrInfoOptions options = AddrInfoOptions().family(family_).type(SOCK_STREAM);
    if (!resolver_) co_return co_await aio::getaddrinfo(std::move(host), port, options);
    const std::shared_ptr<Resolver> resolver = resolver_;
    co_return co_await resolver->getaddrinfo(std::move(host), port, options);
}

Coro<DnsCache::Addresses> DnsCache::look_up(Name name, std::shared_ptr<ConnectTrace> trace) {
    const auto found = pending_.find(name);
    std::shared_ptr<LookUp> shared;
    const bool first = found == pending_.end();
    if (first) {
        shared = std::make_shared<LookUp>();
        shared->task = create_task(run(shared_from_this(), shared, name));
        pending_.emplace(name, shared);
    } else {
        shared = found->second;
    }
    if (trace && first) {
        co_await trace->dns_cache_miss(name.first);
        co_await trace->dns_resolvehost_start(name.first);
    } else if (trace) {
        co_await trace->dns_cache_hit(name.first);
    }
    co_await shared->done.wait();
    if (shared->error) std::rethrow_exception(shared->error);
    if (trace && first) co_await trace->dns_resolvehost_end(name.first);
    co_return shared->found;
}

Coro<> DnsCache::run(std::shared_ptr<DnsCache> self, std::shared_ptr<LookUp> look_up, Name name) {
    try {
        look_up->found = co_await self->ask(name.first, name.second);
        if (look_up->found.empty()) throw gaierror(EAI_NODATA, name.first);
        if (!self->closed_) self->keep(name, look_up->found);
    } catch (const std::exception&) {
        look_up->error = std::current_exception();
    } catch (const CancelledError&) {  // by close(), or by the loop's end
        look_up->end_with(std::make_exception_ptr(ConnectionClosedError()));
        throw;
    }
    self->pending_.erase(name);
    look_up->done.set();
}

const DnsCache::Entry* DnsCache::fresh(const Name& name) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return nullptr;
    if (found->second.until > get_running_loop().time()) return &found->second;
    entries_.erase(found);
    return nullptr;
}

void DnsCache::keep(const Name& name, const Addresses& found) {
    const auto by_age = [](const auto& a, const auto& b) { return a.second.until < b.second.until; };
    if (entries_.size() >= kMost) entries_.erase(std::min_element(entries_.begin(), entries_.end(), by_age));
    const TimePoint until =
        ttl_.delay() ? aio::detail::after(get_running_loop().time(), *ttl_.delay()) : (TimePoint::max)();
    entries_.insert_or_assign(name, Entry{found, until});
}

std::vector<DnsCache::Name> DnsCache::hosts() const {
    std::vector<Name> names;
    for (const auto& [name, entry] : entries_) names.push_back(name);
    return names;
}

void DnsCache::close() noexcept {
    closed_ = true;
    entries_.clear();
    for (const auto& [name, look_up] : std::exchange(pending_, {})) {
        look_up->end_with(std::make_exception_ptr(ConnectionClosedError()));  // it may not have begun
        look_up->task.cancel();
    }
}

}  // namespace aio::http::detail
