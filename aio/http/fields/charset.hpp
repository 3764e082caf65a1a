// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

/// Texts in other character sets than UTF-8, which all texts of this library are in.
namespace aio::http {

/// Bytes that are no text of a character set. Mirrors Python's UnicodeDecodeError.
class UnicodeDecodeError : public ValueError {
public:
    UnicodeDecodeError(std::string_view charset, std::size_t start, std::string_view reason);
    /// Where the first of them is, in bytes.
    std::size_t start() const noexcept { return start_; }

private:
    std::size_t start_;
};

/// A character that a character set does not have, or that is no UTF-8. Mirrors Python's UnicodeEncodeError.
class UnicodeEncodeError : public ValueError {
public:
    UnicodeEncodeError(std::string_view charset, std::size_t start, std::string_view reason);
    /// Where it is, in bytes.
    std::size_t start() const noexcept { return start_; }

private:
    std::size_t start_;
};

/// Whether decode() and encode() know it: UTF-8, -16 and -32, ASCII, ISO 8859, the Windows code pages and
/// whatever else the standard of browsers has (WHATWG Encoding), under the names of that and of Python.
bool is_charset(std::string_view name) noexcept;

/// Bytes of a character set as UTF-8. Mirrors bytes.decode(charset, errors).
///
/// `errors` says what becomes of bytes that are no text: "strict" throws UnicodeDecodeError, "replace" puts
/// U+FFFD in their place, "ignore" leaves them out. Throws LookupError for an unknown charset or `errors`.
/// "latin-1" and "ascii" are Python's, where browsers take Windows-1252; "utf-8-sig" leaves a byte order mark
/// out. Threads: any.
///
/// UTF-8 that is moved in is looked at and given back. The system's iconv does the rarer ones, and reads a
/// file the first time. It knows many more, which are refused: who sends a text must not choose among them.
std::string decode(std::string bytes, std::string_view charset = "utf-8", std::string_view errors = "strict");

/// The other way round: `text` is UTF-8. "replace" puts a question mark for what the charset has not. Mirrors
/// str.encode(charset, errors).
std::string encode(std::string text, std::string_view charset = "utf-8", std::string_view errors = "strict");

}  // namespace aio::http
