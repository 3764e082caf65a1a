// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <string_view>

namespace aio::http {

/// The methods of requests, under the names of aiohttp.hdrs. Methods tell capitals from small letters.
namespace hdrs {

inline constexpr std::string_view METH_CONNECT = "CONNECT";
inline constexpr std::string_view METH_HEAD = "HEAD";
inline constexpr std::string_view METH_GET = "GET";
inline constexpr std::string_view METH_DELETE = "DELETE";
inline constexpr std::string_view METH_OPTIONS = "OPTIONS";
inline constexpr std::string_view METH_PATCH = "PATCH";
inline constexpr std::string_view METH_POST = "POST";
inline constexpr std::string_view METH_PUT = "PUT";
inline constexpr std::string_view METH_TRACE = "TRACE";
/// What a route that takes every method is registered for.
inline constexpr std::string_view METH_ANY = "*";

}  // namespace hdrs

/// Whether requests of this method ask for no change: GET, HEAD, OPTIONS, TRACE (RFC 9110, 9.2.1). A method
/// that is not known may be anything, and is not safe. Threads: any.
bool is_safe(std::string_view method) noexcept;

/// Whether several requests of this method ask for the same as one, so that one whose answer got lost may be
/// sent again: the safe ones, PUT and DELETE (RFC 9110, 9.2.2). Threads: any.
bool is_idempotent(std::string_view method) noexcept;

}  // namespace aio::http
