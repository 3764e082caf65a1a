// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

/// What Content-Transfer-Encoding may say of a part of a body.
namespace aio::http::detail {

/// Bytes that do not belong to it, such as line ends, are skipped. Throws ValueError if it ends too early.
std::string decode_base64(std::string_view text);
/// What is no escape stays as it is.
std::string decode_quoted_printable(std::string_view text);

}  // namespace aio::http::detail
