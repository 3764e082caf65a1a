// SPDX-License-Identifier: MIT
#include <aio/endpoints/connection.hpp>
#include <aio/endpoints/datagram_endpoint.hpp>
#include <aio/endpoints/detail/resolver_choice.hpp>
#include <aio/endpoints/server.hpp>
#include <aio/net/resolver.hpp>

#include <utility>

namespace aio {
namespace detail {

ResolverChoice::ResolverChoice(const ResolverChoice& other)
    : resolver_(other.resolver_ ? new std::shared_ptr<Resolver>(*other.resolver_) : nullptr) {}

ResolverChoice::ResolverChoice(ResolverChoice&& other) noexcept
    : resolver_(std::exchange(other.resolver_, nullptr)) {}

ResolverChoice& ResolverChoice::operator=(ResolverChoice other) noexcept {
    std::swap(resolver_, other.resolver_);
    return *this;
}

ResolverChoice::~ResolverChoice() { delete resolver_; }

std::shared_ptr<Resolver> ResolverChoice::get() const noexcept { return resolver_ ? *resolver_ : nullptr; }

void ResolverChoice::set(std::shared_ptr<Resolver> resolver) {
    ResolverChoice chosen;
    if (resolver) chosen.resolver_ = new std::shared_ptr<Resolver>(std::move(resolver));
    *this = std::move(chosen);
}

}  // namespace detail

ConnectOptions& ConnectOptions::resolver(std::shared_ptr<Resolver> resolver) & {
    resolver_.set(std::move(resolver));
    return *this;
}
ConnectOptions&& ConnectOptions::resolver(std::shared_ptr<Resolver> resolver) && {
    return std::move(this->resolver(std::move(resolver)));
}

ServerOptions& ServerOptions::resolver(std::shared_ptr<Resolver> resolver) & {
    resolver_.set(std::move(resolver));
    return *this;
}
ServerOptions&& ServerOptions::resolver(std::shared_ptr<Resolver> resolver) && {
    return std::move(this->resolver(std::move(resolver)));
}

DatagramOptions& DatagramOptions::resolver(std::shared_ptr<Resolver> resolver) & {
    resolver_.set(std::move(resolver));
    return *this;
}
DatagramOptions&& DatagramOptions::resolver(std::shared_ptr<Resolver> resolver) && {
    return std::move(this->resolver(std::move(resolver)));
}

}  // namespace aio
