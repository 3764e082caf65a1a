// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// The forms in which paths are compared. Routes and requests are brought into the same one: decoded, but for
/// "%2F" and "%25", so that a slash in a segment is not one between segments. yarl calls it `path_safe`.
namespace aio::web::detail {

/// Whether the path is in that form as it stands.
inline bool is_safe_path(std::string_view path) noexcept { return path.find('%') == path.npos; }

/// `path` in that form. What does not come out as UTF-8 stays encoded; a "%" that encodes nothing is "%25".
void append_safe_path(std::string& out, std::string_view path);
std::string safe_path(std::string_view path);

/// Decodes what is left in a part of such a path, in its place; gives the new size.
std::size_t decode_safe(char* text, std::size_t size) noexcept;
std::string decode_safe(std::string_view text);

/// `path` as it goes into a URL; what is encoded already stays so.
std::string requote_path(std::string_view path);
/// The same of a text in which "%" is an ordinary character.
std::string quote_path(std::string_view text);

}  // namespace aio::web::detail
