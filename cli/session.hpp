// SPDX-License-Identifier: MIT
#pragma once

#include "arguments.hpp"

#include <aio/http.hpp>

namespace aio::cli {

/// What --header, --insecure and the environment say. Throws UsageError.
http::SessionOptions session_options(const Arguments& arguments);

/// The URL; UsageError unless it is one of these schemes. Without any it is http.
http::URL url_of(const std::string& text,
                 std::initializer_list<std::string_view> schemes = {"http", "https"});

}  // namespace aio::cli
