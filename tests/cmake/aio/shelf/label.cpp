// SPDX-License-Identifier: MIT
#include <aio/base/version.hpp>
#include <aio/shelf/label.hpp>
#include <aio/zip/checksum.hpp>

namespace aio::store {

std::string label() { return std::string(version()) + " " + std::to_string(zip::checksum(version())); }

}  // namespace aio::store
