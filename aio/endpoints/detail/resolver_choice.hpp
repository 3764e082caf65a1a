// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>

namespace aio {
class Resolver;
}

namespace aio::detail {

/// Whom a call asks for names, as its options say it. Out of line, for the reason that TlsChoice gives.
class ResolverChoice {
public:
    ResolverChoice() noexcept = default;
    ResolverChoice(const ResolverChoice& other);
    ResolverChoice(ResolverChoice&& other) noexcept;
    ResolverChoice& operator=(ResolverChoice other) noexcept;
    ~ResolverChoice();

    /// Null for the loop's own.
    std::shared_ptr<Resolver> get() const noexcept;
    void set(std::shared_ptr<Resolver> resolver);

private:
    std::shared_ptr<Resolver>* resolver_ = nullptr;
};

}  // namespace aio::detail
