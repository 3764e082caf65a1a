// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <string_view>

namespace aio::http {

/// What HTTP calls a status: "Not Found" for 404. Empty for one that has no name there. Mirrors
/// http.HTTPStatus(status).phrase. Threads: any.
std::string_view reason_phrase(int status) noexcept;

}  // namespace aio::http
