// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace aio::web::detail {

/// The form in which a domain is compared with Host: in lower case, encoded, with a port other than 80; a
/// mask has "*" for any characters. Throws ValueError for what is no domain.
std::string checked_domain(std::string_view domain);

/// Whether `host`, a Host field, is that domain. Reads both once for each "*" at most.
bool is_of_domain(std::string_view host, std::string_view domain) noexcept;

}  // namespace aio::web::detail
