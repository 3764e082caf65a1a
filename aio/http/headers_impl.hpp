// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/headers.hpp>

#include <span>

namespace aio::http::detail {

/// Adds the fields of a message that a parser has taken apart, which need no check, in one allocation.
struct ParsedFields {
    static void add(Headers& headers, std::span<const Headers::Field> fields) { headers.append(fields); }
};

}  // namespace aio::http::detail
