// SPDX-License-Identifier: MIT
#include <aio/http/json/error.hpp>

#include <algorithm>
#include <utility>

namespace aio::json {

std::string JSONDecodeError::Place::text() const {
    if (lineno == 0) return path + ": " + msg;
    return msg + ": line " + std::to_string(lineno) + " column " + std::to_string(colno) + " (char " +
           std::to_string(pos) + ")";
}

JSONDecodeError::Place JSONDecodeError::find(std::string_view msg, std::string_view document,
                                             std::size_t pos) {
    const std::string_view before = document.substr(0, pos);
    const std::string_view line = before.substr(before.rfind('\n') + 1);
    // Of a character of UTF-8 all bytes but the first are such.
    const auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    Place place;
    place.msg = msg;
    place.pos = pos;
    place.lineno = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
    place.colno = static_cast<std::size_t>(std::count_if(line.begin(), line.end(), begins_character)) + 1;
    return place;
}

JSONDecodeError::JSONDecodeError(Place place)
    : ValueError(place.text()), place_(std::make_shared<const Place>(std::move(place))) {}
JSONDecodeError::JSONDecodeError(std::string_view msg, std::string_view document, std::size_t pos)
    : JSONDecodeError(find(msg, document, pos)) {}
JSONDecodeError::JSONDecodeError(std::string_view msg, std::string_view path)
    : JSONDecodeError(Place{std::string(msg), std::string(path)}) {}

}  // namespace aio::json
