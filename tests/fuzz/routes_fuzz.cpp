// SPDX-License-Identifier: MIT
// The first line is a pattern of a route, the rest a path: what is matched from left to right, and what the
// matcher that goes back makes of the same; paths on their own; what a redirect to a path would lead to.
#include <aio/web/router/normalize_path.hpp>
#include <aio/web/router/pattern/path_pattern_impl.hpp>
#include <aio/web/router/pattern/path_text_impl.hpp>

#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace aio::tests {
namespace {

using web::detail::PathPattern;
using web::detail::PathSpan;

std::optional<std::vector<std::string>> match(const std::string& pattern, std::string_view path) {
    const PathPattern compiled(pattern);
    std::vector<PathSpan> spans(compiled.names().size());
    if (!compiled.match(path, spans.data())) return std::nullopt;
    std::vector<std::string> values;
    for (const PathSpan& span : spans) {
        require(span.begin <= span.end && span.end <= path.size(), "a value is a part of the path");
        values.emplace_back(path.substr(span.begin, span.end - span.begin));
    }
    return values;
}

// A choice between twice the same is what no left-to-right matcher takes.
void match_in_two_ways(const std::string& regex, std::string_view tail) {
    const std::string path = "/" + std::string(tail);
    const auto plain = match("/{a:" + regex + "}", path);
    const auto choice = match("/{a:(?:" + regex + "|" + regex + ")}", path);
    require(plain == choice, "both matchers agree");
    const auto in_front = match("/{a:" + regex + "}x{b}", path);
    const auto choice_in_front = match("/{a:(?:" + regex + ")|(?:" + regex + ")}x{b}", path);
    require(in_front == choice_in_front, "both matchers agree on two variables");
}

void read_path(std::string_view path) {
    const std::string safe = web::detail::safe_path(path);
    require(web::detail::safe_path(safe) == safe, "a path that is decoded stays as it is");
    require(std::count(safe.begin(), safe.end(), '/') == std::count(path.begin(), path.end(), '/'),
            "no slash comes out of an encoded one");
    require(web::detail::decode_safe(safe).size() <= safe.size(), "a value is no longer than its text");
}

void normalize(std::string_view path) {
    for (const bool merge : {false, true}) {
        for (const std::string& location :
             web::normalized_paths(path, web::NormalizePathOptions().merge_slashes(merge))) {
            require(location.starts_with('/') && !location.starts_with("//"), "it is no other host");
            require(location.find('\\') == location.npos && !breaks_lines(location), "no browser changes it");
        }
    }
}

}  // namespace
}  // namespace aio::tests

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace aio::tests;
    const std::string_view text = text_of(data, size);
    const std::size_t line = std::min(text.find('\n'), text.size());
    const std::string_view tail = text.substr(std::min(line + 1, text.size()));
    may_refuse([&] { match_in_two_ways(std::string(text.substr(0, line)), tail); });
    may_refuse([&] { (void)match("/" + std::string(text.substr(0, line)), "/" + std::string(tail)); });
    read_path(tail);
    normalize(tail);
    return 0;
}
