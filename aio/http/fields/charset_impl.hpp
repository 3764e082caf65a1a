// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aio::http::detail {

enum class CharsetKind : std::uint8_t { utf_8, utf_8_sig, latin_1, ascii, iconv };

struct Charset {
    CharsetKind kind;
    std::string name;  ///< iconv's
};

std::optional<Charset> find_charset(std::string_view name);

}  // namespace aio::http::detail
