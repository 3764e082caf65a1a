// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <source_location>
#include <string>

namespace aio {

using SourceLocation = std::source_location;

/// The function's name without return type, parameters, template arguments and unnamed namespaces, the
/// same with every compiler: "aio::Coro<> app::fetch(int)" gives "app::fetch", a lambda
/// "main()::<lambda>". Never empty.
std::string function_name(const SourceLocation& location);

/// The file's name without its folder.
const char* file_name(const SourceLocation& location) noexcept;

/// "fetch() at file.cpp:12"
std::string describe(const SourceLocation& location);

namespace detail {
/// Whether it is in one of the library's own coroutines that await on their users' behalf.
bool is_in_detail(const SourceLocation& location);
}  // namespace detail

}  // namespace aio
