// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

namespace aio::http::detail {

/// The key of a masked frame, as its four bytes stand in memory.
using MaskKey = std::uint32_t;

/// Masks or unmasks bytes that begin `at` bytes behind the beginning of the payload. `to` may be `from`.
void apply_mask(char* to, const char* from, std::size_t size, MaskKey key, std::uint64_t at) noexcept;

/// Keys that nobody can foresee (RFC 6455, 10.3): from the system, several at a time.
class MaskKeys {
public:
    /// Throws OSError if the system has none.
    MaskKey next();

private:
    static constexpr std::size_t kAtOnce = 16;
    MaskKey keys_[kAtOnce] = {};
    std::size_t left_ = 0;
};

}  // namespace aio::http::detail
