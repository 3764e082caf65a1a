// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace aio::store {

/// The version and its checksum.
std::string label();

}  // namespace aio::store
