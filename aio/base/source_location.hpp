// SPDX-License-Identifier: MIT
#pragma once

#include <source_location>
#include <string>

namespace aio {

using SourceLocation = std::source_location;

/// The function's bare name, without return type, namespaces' template noise and parameters:
/// "aio::Coro<> app::fetch(int)" gives "app::fetch".
std::string function_name(const SourceLocation& location);

/// "fetch() at file.cpp:12"
std::string describe(const SourceLocation& location);

}  // namespace aio
