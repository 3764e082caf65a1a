// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aio::http::detail {

/// What says of a part that it is a field of a form, and with a `filename` a file. `html`: names are
/// written as the standard of HTML has it; else in quoted strings, with backslashes. Other control characters
/// are refused by Headers.
std::string form_data_disposition(std::string_view name, std::optional<std::string_view> filename, bool html);

}  // namespace aio::http::detail
