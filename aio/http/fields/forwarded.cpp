// SPDX-License-Identifier: MIT
#include <aio/http/fields/forwarded.hpp>
#include <aio/http/syntax_impl.hpp>

#include <algorithm>

namespace aio::http {
namespace {

/// "for=192.0.2.60;proto=http;by=203.0.113.43". Nothing may be left out here, as it may in other fields: half
/// of what a proxy has written can mean something else than the whole.
std::optional<Parameters> parse_hop(std::string_view element) {
    Parameters hop;
    while (const auto part = syntax::next_element(element, ';')) {
        std::string_view rest = *part;
        const std::string_view name = syntax::take_token(rest);
        if (name.empty() || !rest.starts_with('=') || hop.contains(name) || hop.size() == Parameters::kMost) {
            return std::nullopt;
        }
        rest.remove_prefix(1);
        const auto quoted = syntax::take_quoted(rest);
        // Addresses are often written without the quotation marks that their colons ask for.
        const bool plain = !quoted && !rest.empty() && rest.find_first_of("\" \t") == std::string_view::npos;
        if (!plain && (!quoted || !rest.empty())) return std::nullopt;
        const std::string value = quoted ? *quoted : std::string(rest);
        if (!syntax::is_field_value(value)) return std::nullopt;
        hop.set(name, value);
    }
    if (hop.empty()) return std::nullopt;
    return hop;
}

}  // namespace

std::vector<Parameters> parse_forwarded(std::string_view text) {
    std::vector<Parameters> hops;
    while (const auto element = syntax::next_element(text)) {
        if (auto hop = parse_hop(*element)) hops.push_back(std::move(*hop));
    }
    return hops;
}

}  // namespace aio::http
