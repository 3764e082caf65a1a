// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

/// How http.cookies writes values that are more than a word.
namespace aio::http::detail {

/// As it is if it is made of letters, digits and !#$%&'*+-.^_`|~: alone; else, and if it is empty, in quotes,
/// with backslashes before quotation marks and backslashes and with "\073" for what else may mean something.
std::string quote_cookie_value(std::string_view value);
/// The opposite; what is not in quotes stays as it is.
std::string unquote_cookie_value(std::string_view coded);

}  // namespace aio::http::detail
