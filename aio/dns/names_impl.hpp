// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aio::dns::detail {

class Lookups;

/// Throws what an ARES_ status stands for: gaierror, or OSError (ECANCELED) if the resolver was closed.
[[noreturn]] void raise_failure(const std::string& name, int status);

/// In ASCII. Throws gaierror for what can be no name.
std::string checked_name(const std::string& name);
/// What is asked for in turn: the name in the domains of the search list, and as it is.
std::vector<std::string> candidates_of(const std::string& name, const Lookups& lookups);
/// Whether what a server calls a host may be given to who prints it or runs a program with it: anybody may be
/// asked for the names of his addresses.
bool is_host_name(std::string_view name) noexcept;
bool is_localhost(const std::string& name);

}  // namespace aio::dns::detail
