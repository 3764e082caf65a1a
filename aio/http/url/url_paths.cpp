// SPDX-License-Identifier: MIT
#include <aio/http/url/host_impl.hpp>
#include <aio/http/url/url_impl.hpp>
#include <aio/http/url/url_quoting_impl.hpp>
#include <aio/http/url/utf8_impl.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace aio::http {
namespace {

using detail::unquote_part;

std::vector<std::string> unquote_all(const std::vector<std::string_view>& parts) {
    std::vector<std::string> result;
    result.reserve(parts.size());
    for (const std::string_view part : parts) result.push_back(unquote_part(part));
    return result;
}

std::optional<std::string> unquote_some(std::optional<std::string_view> part) {
    if (!part) return std::nullopt;
    return unquote_part(*part);
}

// "user:password@host:port"; empty parts are not there.
std::string join_authority(const URL& url, const std::optional<std::string>& user,
                           const std::optional<std::string>& password) {
    std::string result = user.value_or("");
    if (password) result += ":" + *password;
    if (user || password) result += '@';
    const std::string host = url.host().value_or("");
    result += host.find(':') == host.npos ? host : "[" + host + "]";
    if (const auto port = url.explicit_port()) result += ":" + std::to_string(*port);
    return result;
}

struct Range {
    std::uint32_t first;
    std::uint32_t last;
};

// Controls, blanks other than the usual one, what has no width or turns the direction, private use.
constexpr std::array kInvisible = {
    Range{0x00, 0x1F},     Range{0x7F, 0xA0},     Range{0xAD, 0xAD},        Range{0x61C, 0x61C},
    Range{0x1680, 0x1680}, Range{0x180E, 0x180E}, Range{0x2000, 0x200F},    Range{0x2028, 0x202F},
    Range{0x205F, 0x206F}, Range{0x3000, 0x3000}, Range{0xE000, 0xF8FF},    Range{0xFEFF, 0xFEFF},
    Range{0xFFF9, 0xFFFB}, Range{0xFFFE, 0xFFFF}, Range{0xE0000, 0x10FFFF},
};

bool is_visible(std::string_view character) noexcept {
    constexpr std::array<unsigned, 5> first_bits = {0, 0x7F, 0x1F, 0x0F, 0x07};
    std::uint32_t code = static_cast<unsigned char>(character[0]) & first_bits[character.size()];
    for (const char c : character.substr(1)) code = (code << 6) | (static_cast<unsigned char>(c) & 0x3F);
    return std::none_of(kInvisible.begin(), kInvisible.end(),
                        [&](const Range& range) { return code >= range.first && code <= range.last; });
}

// `text` with what people cannot see, and what would not be read as part of it, encoded.
std::string human_quote(std::string_view text, std::string_view unsafe) {
    std::string result;
    while (!text.empty()) {
        const detail::Utf8Step step = detail::utf8_step(text);
        const std::string_view character = text.substr(0, step.size);
        const bool keep =
            step.valid && is_visible(character) && character != "%" && unsafe.find(character) == unsafe.npos;
        for (const char c : character) {
            if (keep) {
                result += c;
            } else {
                detail::append_encoded(result, c);
            }
        }
        text.remove_prefix(step.size);
    }
    return result;
}

std::optional<std::string> human_quote_some(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    return human_quote(*text, "#/:?@");
}

}  // namespace

std::string URL::authority() const { return join_authority(*this, user(), password()); }

std::optional<std::string> URL::user() const { return unquote_some(raw_user()); }

std::optional<std::string> URL::password() const { return unquote_some(raw_password()); }

std::optional<std::string> URL::host() const {
    if (!is_absolute()) return std::nullopt;
    return detail::decode_host(view(marks_.host, marks_.host_end));
}

std::string URL::path() const { return unquote_part(raw_path()); }

std::string URL::path_qs() const {
    const std::string query = query_string();
    return query.empty() ? path() : path() + "?" + query;
}

std::string URL::query_string() const { return detail::unquote_query(raw_query_string()); }

std::string URL::fragment() const { return unquote_part(raw_fragment()); }

std::vector<std::string_view> URL::raw_parts() const {
    std::string_view rest = raw_path();
    std::vector<std::string_view> parts;
    if (rest.starts_with('/')) {
        parts.push_back(rest.substr(0, 1));
        rest.remove_prefix(1);
        if (marks_.path == marks_.path_end) return parts;
    }
    for (std::size_t slash = rest.find('/'); slash != rest.npos; slash = rest.find('/')) {
        parts.push_back(rest.substr(0, slash));
        rest.remove_prefix(slash + 1);
    }
    parts.push_back(rest);
    return parts;
}

std::vector<std::string> URL::parts() const { return unquote_all(raw_parts()); }

std::string_view URL::raw_name() const noexcept {
    const std::string_view path = raw_path();
    return path.substr(path.rfind('/') + 1);
}

std::string URL::name() const { return unquote_part(raw_name()); }

std::string_view URL::raw_suffix() const noexcept {
    const std::string_view name = raw_name();
    const std::size_t dot = name.rfind('.');
    const bool is_suffix = dot != name.npos && dot > 0 && dot + 1 < name.size();
    return is_suffix ? name.substr(dot) : std::string_view();
}

std::string URL::suffix() const { return unquote_part(raw_suffix()); }

std::vector<std::string_view> URL::raw_suffixes() const {
    std::vector<std::string_view> suffixes;
    std::string_view name = raw_name();
    if (name.ends_with('.')) return suffixes;
    name.remove_prefix(std::min(name.find_first_not_of('.'), name.size()));
    for (std::size_t dot = name.find('.'); dot != name.npos;) {
        const std::size_t next = std::min(name.find('.', dot + 1), name.size());
        suffixes.push_back(name.substr(dot, next - dot));
        dot = next == name.size() ? name.npos : next;
    }
    return suffixes;
}

std::vector<std::string> URL::suffixes() const { return unquote_all(raw_suffixes()); }

std::string URL::human_repr() const {
    std::string result;
    if (!scheme().empty()) result.append(scheme()).append(1, ':');
    if (marks_.has_authority) {
        result += "//" + join_authority(*this, human_quote_some(user()), human_quote_some(password()));
    }
    // With what keeps it from being taken for something else.
    if (!is_absolute()) result += view(marks_.authority_end, marks_.path);
    result += human_quote(path(), "#?");
    char delimiter = '?';
    for (const auto& [name, value] : query()) {
        result += delimiter + human_quote(name, "#&+;=") + "=" + human_quote(value, "#&+;=");
        delimiter = '&';
    }
    if (!raw_fragment().empty()) result += "#" + human_quote(fragment(), "");
    return result;
}

}  // namespace aio::http
