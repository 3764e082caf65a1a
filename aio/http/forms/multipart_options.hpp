// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>

#include <cstddef>
#include <utility>

namespace aio::http {

/// What a MultipartReader puts up with. What exceeds a limit is a ValueError.
class MultipartOptions {
public:
    MultipartOptions() noexcept {}

    /// How many parts a body may have; those of a part that has parts itself are counted by themselves.
    /// Default: 1000.
    MultipartOptions& max_parts(std::size_t count) & noexcept AIO_LIFETIME_BOUND {
        max_parts_ = count;
        return *this;
    }
    MultipartOptions&& max_parts(std::size_t count) && noexcept AIO_LIFETIME_BOUND {
        return std::move(max_parts(count));
    }
    /// How many fields the head of a part may have. Default: 128, as in aiohttp.
    MultipartOptions& max_headers(std::size_t count) & noexcept AIO_LIFETIME_BOUND {
        max_headers_ = count;
        return *this;
    }
    MultipartOptions&& max_headers(std::size_t count) && noexcept AIO_LIFETIME_BOUND {
        return std::move(max_headers(count));
    }
    /// How many bytes a line of such a head may have. Default: 8190, as in aiohttp.
    MultipartOptions& max_field_size(std::size_t bytes) & noexcept AIO_LIFETIME_BOUND {
        max_field_size_ = bytes;
        return *this;
    }
    MultipartOptions&& max_field_size(std::size_t bytes) && noexcept AIO_LIFETIME_BOUND {
        return std::move(max_field_size(bytes));
    }
    /// How many bytes BodyPartReader::read() and form() take into memory. Default: 64 MiB.
    MultipartOptions& max_part_size(std::size_t bytes) & noexcept AIO_LIFETIME_BOUND {
        max_part_size_ = bytes;
        return *this;
    }
    MultipartOptions&& max_part_size(std::size_t bytes) && noexcept AIO_LIFETIME_BOUND {
        return std::move(max_part_size(bytes));
    }

    std::size_t max_parts() const noexcept { return max_parts_; }
    std::size_t max_headers() const noexcept { return max_headers_; }
    std::size_t max_field_size() const noexcept { return max_field_size_; }
    std::size_t max_part_size() const noexcept { return max_part_size_; }

private:
    std::size_t max_parts_ = 1000;
    std::size_t max_headers_ = 128;
    std::size_t max_field_size_ = 8190;
    std::size_t max_part_size_ = std::size_t{64} << 20;
};

}  // namespace aio::http
