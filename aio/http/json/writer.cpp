// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/json/detail/writer.hpp>
#include <aio/http/url/utf8_impl.hpp>

#include <charconv>
#include <cmath>

namespace aio::json::detail {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// Of a character that must not stand in a text of JSON as it is.
void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"':
        case '\\':
            out += '\\';
            out += c;
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += kDigits[static_cast<unsigned char>(c) >> 4];
            out += kDigits[static_cast<unsigned char>(c) & 15];
    }
}

template <class T>
void append_number(std::string& out, T number) {
    char text[24];
    out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

// As Python's repr(): the shortest digits that give the number again, and 1.0, not 1.
template <class T>
void append_real(std::string& out, T number) {
    if (!std::isfinite(number)) throw ValueError("Out of range float values are not JSON compliant");
    const T size = std::abs(number);
    const bool fixed = size == 0 || (size >= T(1e-4) && size < T(1e16));
    char text[64];
    const auto format = fixed ? std::chars_format::fixed : std::chars_format::scientific;
    const std::string_view digits(text, std::to_chars(text, text + sizeof text, number, format).ptr);
    out += digits;
    if (fixed && digits.find('.') == digits.npos) out += ".0";
}

void write_array(std::string& out, const Array& array) {
    out += '[';
    Separator separator;
    for (const Value& item : array) {
        separator.write(out);
        write_value(out, item);
    }
    out += ']';
}

void write_object(std::string& out, const Object& object) {
    out += '{';
    Separator separator;
    for (const auto& item : object) {
        separator.write(out);
        write_text(out, item.key());
        out += ':';
        write_value(out, item.value());
    }
    out += '}';
}

}  // namespace

void write_text(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && static_cast<signed char>(text[plain]) >= ' ' && text[plain] != '"' &&
               text[plain] != '\\')
            ++plain;
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        const http::detail::Utf8Step step = http::detail::utf8_step(text);
        if (!step.valid) throw ValueError("a text that is no UTF-8 cannot become JSON");
        if (step.size == 1) {
            append_escaped(out, text[0]);
        } else {
            out += text.substr(0, step.size);
        }
        text.remove_prefix(step.size);
    }
    out += '"';
}

void write_signed(std::string& out, std::int64_t number) { append_number(out, number); }
void write_unsigned(std::string& out, std::uint64_t number) { append_number(out, number); }
void write_double(std::string& out, double number) { append_real(out, number); }
void write_float(std::string& out, float number) { append_real(out, number); }

void raise_no_enumerator() { throw ValueError("an enumerator without a name cannot become JSON"); }

std::string indented(std::string_view json, std::size_t blanks) {
    std::string out;
    std::size_t depth = 0;
    bool in_text = false;
    const auto begin_line = [&] { out.append(1, '\n').append(depth * blanks, ' '); };
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        const char next = i + 1 < json.size() ? json[i + 1] : '\0';
        if (in_text) {
            out += c;
            if (c == '\\') out += json[++i];
            in_text = c != '"';
        } else if ((c == '{' || c == '[') && next != '}' && next != ']') {
            out += c;
            ++depth;
            begin_line();
        } else if ((c == '}' || c == ']') && json[i - 1] != '{' && json[i - 1] != '[') {
            --depth;
            begin_line();
            out += c;
        } else {
            out += c;
            if (c == ',') begin_line();
            if (c == ':') out += ' ';
            in_text = c == '"';
        }
    }
    return out;
}

void write_value(std::string& out, const Value& value) {
    switch (value.kind()) {
        case boost::json::kind::null:
            out += "null";
            return;
        case boost::json::kind::bool_:
            out += value.get_bool() ? "true" : "false";
            return;
        case boost::json::kind::int64:
            return write_signed(out, value.get_int64());
        case boost::json::kind::uint64:
            return write_unsigned(out, value.get_uint64());
        case boost::json::kind::double_:
            return write_double(out, value.get_double());
        case boost::json::kind::string:
            return write_text(out, value.get_string());
        case boost::json::kind::array:
            return write_array(out, value.get_array());
        case boost::json::kind::object:
            return write_object(out, value.get_object());
    }
}

}  // namespace aio::json::detail
