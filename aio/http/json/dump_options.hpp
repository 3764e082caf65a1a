// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace aio::json {

/// Keyword arguments of dumps().
class DumpOptions {
public:
    DumpOptions() noexcept {}

    /// For people: each element in a line of its own, with so many blanks for each level before it. Default:
    /// all in one line.
    DumpOptions& indent(std::size_t blanks) & noexcept AIO_LIFETIME_BOUND {
        indent_ = blanks;
        return *this;
    }
    DumpOptions&& indent(std::size_t blanks) && noexcept AIO_LIFETIME_BOUND {
        return std::move(indent(blanks));
    }

    const std::optional<std::size_t>& indent() const noexcept AIO_LIFETIME_BOUND { return indent_; }

private:
    std::optional<std::size_t> indent_;
};

}  // namespace aio::json
