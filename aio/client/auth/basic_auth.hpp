// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <string>
#include <string_view>

namespace aio::http {

/// In which bytes a name and its password go into an Authorization field; both are given in UTF-8.
enum class BasicAuthEncoding : unsigned char { utf8, latin1 };

/// The value of a field Authorization or Proxy-Authorization: "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==". Mirrors
/// aiohttp.encode_basic_auth(). Throws ValueError if the name has a colon, or if Latin-1 has no such
/// character. Threads: any.
std::string encode_basic_auth(std::string_view login, std::string_view password = {},
                              BasicAuthEncoding encoding = BasicAuthEncoding::utf8);

}  // namespace aio::http
