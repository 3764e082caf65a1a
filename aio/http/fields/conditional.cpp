// SPDX-License-Identifier: MIT
#include <aio/http/dates.hpp>
#include <aio/http/fields/conditional.hpp>
#include <aio/http/methods.hpp>
#include <aio/http/syntax_impl.hpp>

#include <algorithm>

namespace aio::http {
namespace {

/// A tag whose text stands elsewhere: comparing needs no copies.
struct TagView {
    std::string_view value;
    bool is_weak;
};

bool is_tag_char(char c) { return !syntax::is_control(c) && c != '"' && c != ' '; }

/// The tag that `rest` begins with, and `rest` behind it.
std::optional<TagView> take_tag(std::string_view& rest) {
    const bool is_weak = rest.starts_with("W/");
    const std::string_view quoted = rest.substr(is_weak ? 2 : 0);
    const std::size_t end = quoted.find('"', 1);
    if (!quoted.starts_with('"') || end == std::string_view::npos) return std::nullopt;
    const std::string_view value = quoted.substr(1, end - 1);
    if (!std::all_of(value.begin(), value.end(), is_tag_char)) return std::nullopt;
    rest = quoted.substr(end + 1);
    return TagView{value, is_weak};
}

/// The next tag of a list. None at the end, and where something else stands.
std::optional<TagView> next_tag(std::string_view& rest) {
    while (!rest.empty() && (syntax::is_space(rest.front()) || rest.front() == ',')) rest.remove_prefix(1);
    const auto tag = take_tag(rest);
    if (!tag) return std::nullopt;
    while (!rest.empty() && syntax::is_space(rest.front())) rest.remove_prefix(1);
    if (!rest.empty() && rest.front() != ',') return std::nullopt;
    return tag;
}

/// Whether one of the fields of that name has the tag, or is `*` and something exists.
bool has_match(const Headers& request, const HeaderName& name, const Validators& current, bool strong) {
    for (std::string_view list : request.getall(name)) {
        if (list == "*" && current.exists) return true;
        if (!current.etag || (strong && current.etag->is_weak())) continue;
        while (const auto tag = next_tag(list)) {
            if (tag->value == current.etag->value() && !(strong && tag->is_weak)) return true;
        }
    }
    return false;
}

/// Whether it was not changed after the date of that field; none if there is no such date, or nothing to
/// compare.
std::optional<bool> is_unmodified_since(const Headers& request, const HeaderName& name,
                                        const Validators& current) {
    const auto text = request.get(name);
    if (!text || !current.last_modified) return std::nullopt;
    const auto date = parse_date(*text);
    if (!date) return std::nullopt;
    return *current.last_modified <= *date;
}

}  // namespace

ETag::ETag(std::string_view value, bool is_weak) : value_(value), is_weak_(is_weak) {
    if (!std::all_of(value.begin(), value.end(), is_tag_char))
        syntax::raise_bad_text("not an entity tag", value);
}

std::string ETag::str() const { return (is_weak_ ? "W/\"" : "\"") + value_ + '"'; }

std::optional<ETag> ETag::parse(std::string_view text) {
    text = syntax::trim(text);
    const auto tag = take_tag(text);
    if (!tag || !text.empty()) return std::nullopt;
    return ETag(tag->value, tag->is_weak);
}

bool strong_match(const ETag& left, const ETag& right) noexcept {
    return !left.is_weak() && !right.is_weak() && left.value() == right.value();
}

bool weak_match(const ETag& left, const ETag& right) noexcept { return left.value() == right.value(); }

std::vector<ETag> parse_etags(std::string_view text) {
    std::vector<ETag> tags;
    while (const auto tag = next_tag(text)) tags.emplace_back(tag->value, tag->is_weak);
    return tags;
}

Precondition evaluate_preconditions(std::string_view method, const Headers& request,
                                    const Validators& current) {
    if (request.contains(hdrs::IF_MATCH)) {
        if (!has_match(request, hdrs::IF_MATCH, current, true)) return Precondition::failed;
    } else if (!is_unmodified_since(request, hdrs::IF_UNMODIFIED_SINCE, current).value_or(true)) {
        return Precondition::failed;
    }
    const bool reads = method == hdrs::METH_GET || method == hdrs::METH_HEAD;
    if (request.contains(hdrs::IF_NONE_MATCH)) {
        if (has_match(request, hdrs::IF_NONE_MATCH, current, false)) {
            return reads ? Precondition::not_modified : Precondition::failed;
        }
    } else if (reads && is_unmodified_since(request, hdrs::IF_MODIFIED_SINCE, current).value_or(false)) {
        return Precondition::not_modified;
    }
    return Precondition::passed;
}

bool if_range_allows(const Headers& request, const Validators& current) {
    const auto text = request.get(hdrs::IF_RANGE);
    if (!text) return true;
    if (const auto tag = ETag::parse(*text)) return current.etag && strong_match(*tag, *current.etag);
    const auto date = parse_date(*text);
    return date && current.last_modified && *date == *current.last_modified;
}

}  // namespace aio::http
