// SPDX-License-Identifier: MIT
#include <aio/http/fields/parameters.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/syntax_impl.hpp>

#include <algorithm>

namespace aio::http {
namespace {

/// The value of a parameter, which `rest` is behind then, and behind whatever stands before the next
/// semicolon.
std::optional<std::string> take_parameter_value(std::string_view& rest) {
    std::optional<std::string> value = syntax::take_quoted(rest);
    const std::size_t end = std::min(rest.find(';'), rest.size());
    if (!value) {
        const std::string_view word = syntax::trim(rest.substr(0, end));
        if (!word.empty() && word.front() != '"') value = std::string(word);
    }
    rest.remove_prefix(end);
    return value;
}

}  // namespace

std::optional<std::string_view> Parameters::get(std::string_view name) const noexcept {
    for (const Pair& pair : pairs_) {
        if (equal_ignoring_case(pair.first, name)) return pair.second;
    }
    return std::nullopt;
}

void Parameters::set(std::string_view name, std::string_view value) {
    if (!is_token(name)) syntax::raise_bad_text("not the name of a parameter", name);
    if (!syntax::is_field_value(value)) {
        syntax::raise_bad_text("the value of " + std::string(name) + " has a control character", value);
    }
    for (Pair& pair : pairs_) {
        if (equal_ignoring_case(pair.first, name)) {
            pair.second = value;
            return;
        }
    }
    pairs_.emplace_back(syntax::lower(name), std::string(value));
}

void Parameters::remove(std::string_view name) noexcept {
    std::erase_if(pairs_, [name](const Pair& pair) { return equal_ignoring_case(pair.first, name); });
}

void Parameters::append_to(std::string& out) const {
    for (const auto& [name, value] : pairs_) {
        out.append("; ").append(name).append("=");
        syntax::append_token_or_quoted(out, value);
    }
}

std::optional<Parameters> Parameters::parse(std::string_view text) {
    Parameters found;
    while (!text.empty()) {
        while (!text.empty() && (text.front() == ';' || syntax::is_space(text.front())))
            text.remove_prefix(1);
        const std::string_view name = syntax::take_token(text);
        if (name.empty() || !text.starts_with('=')) {
            text.remove_prefix(std::min(text.find(';'), text.size()));
            continue;
        }
        text.remove_prefix(1);
        std::optional<std::string> value = take_parameter_value(text);
        if (!value || !syntax::is_field_value(*value) || found.contains(name)) continue;
        if (found.size() == kMost) return std::nullopt;
        found.pairs_.emplace_back(syntax::lower(name), std::move(*value));
    }
    return found;
}

}  // namespace aio::http
