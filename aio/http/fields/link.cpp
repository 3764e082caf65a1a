// SPDX-License-Identifier: MIT
#include <aio/http/fields/link.hpp>
#include <aio/http/syntax_impl.hpp>

#include <algorithm>

namespace aio::http {
namespace {

/// Where the link ends that `text` begins with: at a comma that is neither in quotes nor between angle
/// brackets.
std::size_t end_of_link(std::string_view text) {
    bool quoted = false;
    bool in_target = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted && c == '\\') {
            ++at;
        } else if (c == '"' && !in_target) {
            quoted = !quoted;
        } else if (!quoted && c == '<') {
            in_target = true;
        } else if (!quoted && c == '>') {
            in_target = false;
        } else if (c == ',' && !quoted && !in_target) {
            return at;
        }
    }
    return text.size();
}

}  // namespace

std::vector<Link> parse_links(std::string_view text) {
    std::vector<Link> links;
    while (!text.empty()) {
        const std::size_t end = end_of_link(text);
        const std::string_view link = syntax::trim(text.substr(0, end));
        text.remove_prefix(end < text.size() ? end + 1 : end);
        const std::size_t close = link.find('>');
        if (!link.starts_with('<') || close == std::string_view::npos) continue;
        const std::string_view behind = syntax::trim(link.substr(close + 1));
        if (!behind.empty() && behind.front() != ';') continue;
        if (auto parameters = Parameters::parse(behind)) {
            links.push_back({std::string(syntax::trim(link.substr(1, close - 1))), std::move(*parameters)});
        }
    }
    return links;
}

}  // namespace aio::http
