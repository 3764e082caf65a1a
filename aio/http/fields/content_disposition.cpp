// SPDX-License-Identifier: MIT
#include <aio/http/fields/content_disposition.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/http/url/quoting.hpp>

#include <algorithm>
#include <utility>

namespace aio::http {
namespace {

std::string latin_1_to_utf_8(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto code = static_cast<unsigned char>(c);
        if (code < 0x80) {
            text += c;
        } else {
            text += {static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 0x3f))};
        }
    }
    return text;
}

/// Text of a named encoding in UTF-8; none if it is not one of the two that RFC 8187 and its forerunner have.
std::optional<std::string> in_utf_8(std::string_view charset, std::string bytes) {
    if (equal_ignoring_case(charset, "utf-8")) return bytes;
    if (equal_ignoring_case(charset, "iso-8859-1")) return latin_1_to_utf_8(bytes);
    return std::nullopt;
}

/// The encoding that "UTF-8'en'%e2%82%ac" begins with, and `text` behind the language. None if there is none.
std::optional<std::string_view> take_charset(std::string_view& text) {
    const std::size_t first = text.find('\'');
    const std::size_t second = first == std::string_view::npos ? first : text.find('\'', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const std::string_view charset = text.substr(0, first);
    text.remove_prefix(second + 1);
    return charset;
}

std::optional<std::string> extended_value(std::string_view text) {
    const auto charset = take_charset(text);
    return charset ? in_utf_8(*charset, unquote_to_bytes(text)) : std::nullopt;
}

/// A value that is spread over filename*0, filename*1* and so on; those with a second star are encoded.
std::optional<std::string> continued_value(const Parameters& parameters) {
    std::string bytes;
    std::string_view charset = "utf-8";
    for (std::size_t part = 0; part < Parameters::kMost; ++part) {
        const std::string name = "filename*" + std::to_string(part);
        if (auto starred = parameters.get(name + '*')) {
            if (part == 0) {
                const auto named = take_charset(*starred);
                if (!named) return std::nullopt;
                charset = *named;
            }
            bytes += unquote_to_bytes(*starred);
        } else if (const auto plain = parameters.get(name)) {
            bytes += *plain;
        } else {
            break;
        }
    }
    return in_utf_8(charset, std::move(bytes));
}

/// The last part of a path, if it names something.
std::optional<std::string> last_part(std::string_view path) {
    const std::string_view name = path.substr(path.find_last_of("/\\") + 1);
    const bool has_control = std::any_of(name.begin(), name.end(), syntax::is_control);
    if (name.empty() || name == "." || name == ".." || has_control) return std::nullopt;
    return std::string(name);
}

/// With all but RFC 8187's attr-char encoded.
std::string extended_of(std::string_view name) { return "UTF-8''" + quote(name, "!#$&+^`|"); }

/// For readers who know no filename*: an underscore for each character that is not ASCII.
std::string ascii_of(std::string_view name) {
    std::string text;
    for (const char c : name) {
        const auto code = static_cast<unsigned char>(c);
        if (code < 0x80) {
            text += c;
        } else if (code >= 0xc0) {
            text += '_';
        }
    }
    return text;
}

}  // namespace

ContentDisposition::ContentDisposition(std::string_view type) : type_(syntax::lower(type)) {
    if (!is_token(type)) syntax::raise_bad_text("not a type of Content-Disposition", type);
}

std::optional<std::string> ContentDisposition::filename() const {
    if (const auto starred = parameters_.get("filename*")) {
        if (const auto name = extended_value(*starred)) return last_part(*name);
    }
    if (const auto name = parameters_.get("filename")) return last_part(*name);
    const auto name = continued_value(parameters_);
    return name ? last_part(*name) : std::nullopt;
}

void ContentDisposition::set_filename(std::string_view name) {
    if (std::any_of(name.begin(), name.end(), syntax::is_control)) {
        syntax::raise_bad_text("the name of a file has a control character", name);
    }
    const std::string ascii = ascii_of(name);
    parameters_.set("filename", ascii);
    parameters_.remove("filename*");
    if (ascii != name) parameters_.set("filename*", extended_of(name));
}

std::string ContentDisposition::str() const {
    std::string text = type_;
    for (const auto& [name, value] : parameters_) {
        text.append("; ").append(name).append("=");
        // Names are in quotes even where they need none, as everybody writes them.
        if (name.ends_with('*')) {
            syntax::append_token_or_quoted(text, value);
        } else {
            syntax::append_quoted(text, value);
        }
    }
    return text;
}

std::optional<ContentDisposition> ContentDisposition::parse(std::string_view text) {
    text = syntax::trim(text);
    const std::string_view type = syntax::take_token(text);
    text = syntax::trim(text);
    if (type.empty() || (!text.empty() && text.front() != ';')) return std::nullopt;
    std::optional<Parameters> parameters = Parameters::parse(text);
    if (!parameters) return std::nullopt;
    ContentDisposition found(type);
    found.parameters_ = std::move(*parameters);
    return found;
}

}  // namespace aio::http
