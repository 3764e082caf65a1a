// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>

#include <cstddef>
#include <utility>

namespace aio::http {

/// Keyword arguments of RequestParser and ResponseParser: what a peer may make them keep. The defaults are
/// aiohttp's where it has the limit.
class ParserOptions {
public:
    ParserOptions() {}
    /// The first line, in bytes; 8190. More is LineTooLong, 414 for a request.
    ParserOptions& max_line_size(std::size_t limit) & {
        max_line_size_ = limit;
        return *this;
    }
    ParserOptions&& max_line_size(std::size_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_line_size(limit));
    }
    /// Each header field or trailer, name and value together, in bytes; 8190.
    ParserOptions& max_field_size(std::size_t limit) & {
        max_field_size_ = limit;
        return *this;
    }
    ParserOptions&& max_field_size(std::size_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_field_size(limit));
    }
    /// How many header fields, and how many trailers; 128.
    ParserOptions& max_headers(std::size_t limit) & {
        max_headers_ = limit;
        return *this;
    }
    ParserOptions&& max_headers(std::size_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_headers(limit));
    }
    /// The whole head, in bytes; 32 KiB. It waits in the reader's buffer, whose limit must not be less.
    ParserOptions& max_head_size(std::size_t limit) & {
        max_head_size_ = limit;
        return *this;
    }
    ParserOptions&& max_head_size(std::size_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_head_size(limit));
    }
    /// What chunks say beside their sizes, all of a message together, in bytes; 16 KiB.
    ParserOptions& max_chunk_extensions(std::size_t limit) & {
        max_chunk_extensions_ = limit;
        return *this;
    }
    ParserOptions&& max_chunk_extensions(std::size_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_chunk_extensions(limit));
    }
    /// All trailers together, in bytes; 8190.
    ParserOptions& max_trailers_size(std::size_t limit) & {
        max_trailers_size_ = limit;
        return *this;
    }
    ParserOptions&& max_trailers_size(std::size_t limit) && AIO_LIFETIME_BOUND {
        return std::move(this->max_trailers_size(limit));
    }

    std::size_t max_line_size() const noexcept { return max_line_size_; }
    std::size_t max_field_size() const noexcept { return max_field_size_; }
    std::size_t max_headers() const noexcept { return max_headers_; }
    std::size_t max_head_size() const noexcept { return max_head_size_; }
    std::size_t max_chunk_extensions() const noexcept { return max_chunk_extensions_; }
    std::size_t max_trailers_size() const noexcept { return max_trailers_size_; }

    friend bool operator==(const ParserOptions&, const ParserOptions&) = default;

private:
    std::size_t max_line_size_ = 8190;
    std::size_t max_field_size_ = 8190;
    std::size_t max_headers_ = 128;
    std::size_t max_head_size_ = std::size_t{32} * 1024;
    std::size_t max_chunk_extensions_ = std::size_t{16} * 1024;
    std::size_t max_trailers_size_ = 8190;
};

}  // namespace aio::http
