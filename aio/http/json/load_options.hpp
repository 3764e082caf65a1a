// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>

#include <cstddef>
#include <utility>

namespace aio::json {

/// What loads() puts up with. What exceeds a limit is a JSONDecodeError.
class LoadOptions {
public:
    LoadOptions() noexcept {}

    /// How deep arrays and objects may be in others. Default: 100.
    LoadOptions& max_depth(std::size_t depth) & noexcept AIO_LIFETIME_BOUND {
        max_depth_ = depth;
        return *this;
    }
    LoadOptions&& max_depth(std::size_t depth) && noexcept AIO_LIFETIME_BOUND {
        return std::move(max_depth(depth));
    }
    /// How many bytes the text may have; in memory its values take up to ten times as many. Default: 64 MiB.
    LoadOptions& max_size(std::size_t bytes) & noexcept AIO_LIFETIME_BOUND {
        max_size_ = bytes;
        return *this;
    }
    LoadOptions&& max_size(std::size_t bytes) && noexcept AIO_LIFETIME_BOUND {
        return std::move(max_size(bytes));
    }

    std::size_t max_depth() const noexcept { return max_depth_; }
    std::size_t max_size() const noexcept { return max_size_; }

private:
    std::size_t max_depth_ = 100;
    std::size_t max_size_ = std::size_t{64} << 20;
};

}  // namespace aio::json
