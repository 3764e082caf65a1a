// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <string>
#include <string_view>

/// Percent-encoding of single texts, as urllib.parse has it. A URL does it for its parts by itself.
namespace aio::http {

/// `text` with "%XX" in the place of each byte but letters, digits, "_.-~" and the bytes of `safe`: "a b/ü"
/// is "a%20b/%C3%BC". Mirrors urllib.parse.quote(). Threads: any.
std::string quote(std::string_view text, std::string_view safe = "/");
/// The same for forms, where a blank is "+". Mirrors urllib.parse.quote_plus().
std::string quote_plus(std::string_view text, std::string_view safe = "");

/// The other way round. A "%" without two hexadecimal digits stays as it is; what comes out as no UTF-8 is
/// U+FFFD. Mirrors urllib.parse.unquote(). Threads: any.
std::string unquote(std::string_view text);
/// The same for forms, where "+" is a blank. Mirrors urllib.parse.unquote_plus().
std::string unquote_plus(std::string_view text);
/// The same with all bytes as they come out. Mirrors urllib.parse.unquote_to_bytes().
std::string unquote_to_bytes(std::string_view text);

}  // namespace aio::http
