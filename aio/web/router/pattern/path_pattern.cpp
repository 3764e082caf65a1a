// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/web/router/pattern/path_pattern_impl.hpp>
#include <aio/web/router/pattern/path_text_impl.hpp>

#include <algorithm>
#include <optional>

namespace aio::web::detail {
namespace {

bool begins_name(char c) noexcept { return c == '_' || http::syntax::is_alpha(c); }

bool is_name(std::string_view text) noexcept {
    return !text.empty() && begins_name(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
        return begins_name(c) || http::syntax::is_digit(c);
    });
}

// The end of the variable that begins at `begin`, "{name:...}", in which braces may stand in braces once.
std::optional<std::size_t> variable_end(std::string_view path, std::size_t begin) {
    if (begin + 1 >= path.size() || !begins_name(path[begin + 1])) return std::nullopt;
    int depth = 0;
    for (std::size_t i = begin; i < path.size(); ++i) {
        if (path[i] == '{' && ++depth > 2) return std::nullopt;
        if (path[i] == '}' && --depth == 0) return i + 1;
    }
    return std::nullopt;
}

[[noreturn]] void raise_invalid(std::string_view path, std::string_view part) {
    throw ValueError("Invalid path '" + std::string(path) + "'['" + std::string(part) + "']");
}

RegexNode usual_node() {
    RegexNode set;
    set.kind = RegexNode::Kind::set;
    for (const char c : {'{', '}', '/'}) {
        set.set.add(static_cast<unsigned char>(c), static_cast<unsigned char>(c));
    }
    set.set.invert();
    RegexNode node;
    node.kind = RegexNode::Kind::repeat;
    node.least = 1;
    node.most = RegexNode::kNoLimit;
    node.children.push_back(std::move(set));
    return node;
}

bool may_have_slash(const RegexNode& node) {
    return node.text.find('/') != node.text.npos ||
           (node.kind == RegexNode::Kind::set && node.set.has('/')) ||
           std::any_of(node.children.begin(), node.children.end(), may_have_slash);
}

}  // namespace

PathPattern::PathPattern(std::string_view path) {
    parse(path);
    try {
        compile();
    } catch (const ValueError& error) {
        throw ValueError("Bad pattern '" + std::string(path) + "': " + error.what());
    }
}

void PathPattern::parse(std::string_view path) {
    std::size_t begin = 0;
    const auto add_text = [&](std::size_t end) {
        const std::string_view text = path.substr(begin, end - begin);
        if (text.find_first_of("{}") != text.npos) raise_invalid(path, text);
        texts_.push_back(safe_path(text));
        quoted_.push_back(requote_path(text));
    };
    for (std::size_t i = path.find('{'); i != path.npos; i = path.find('{', i)) {
        const std::optional<std::size_t> end = variable_end(path, i);
        if (!end) {
            ++i;
            continue;
        }
        add_text(i);
        add_variable(path, path.substr(i + 1, *end - i - 2));
        begin = i = *end;
    }
    add_text(path.size());
}

void PathPattern::add_variable(std::string_view path, std::string_view inside) {
    const std::size_t colon = std::min(inside.find(':'), inside.size());
    const std::string name(inside.substr(0, colon));
    const bool usual = colon == inside.size();
    if (!is_name(name) || colon + 1 == inside.size()) {
        raise_invalid(path, "{" + std::string(inside) + "}");
    }
    const auto bad = [&](const std::string& what) {
        const std::string pattern(inside.substr(std::min(colon + 1, inside.size())));
        return ValueError("Bad pattern '" + pattern + "' of '" + name + "' in '" + std::string(path) +
                          "': " + what);
    };
    if (std::find(names_.begin(), names_.end(), name) != names_.end()) {
        throw bad("redefinition of group name '" + name + "'");
    }
    try {
        nodes_.push_back(usual ? usual_node() : parse_regex(inside.substr(colon + 1)));
    } catch (const ValueError& error) {
        throw bad(error.what());
    }
    names_.push_back(name);
}

std::string PathPattern::canonical() const {
    std::string result = quoted_.front();
    for (std::size_t i = 0; i < names_.size(); ++i) result += "{" + names_[i] + "}" + quoted_[i + 1];
    return result;
}

PathShape PathPattern::shape() const {
    PathShape shape;
    std::optional<std::string> segment = "";
    for (std::size_t i = 0; i < texts_.size(); ++i) {
        for (const char c : texts_[i].substr(i == 0 ? 1 : 0)) {
            if (c == '/') {
                shape.segments.push_back(std::move(segment));
                segment = "";
            } else if (segment) {
                *segment += c;
            }
        }
        if (i == nodes_.size()) break;
        segment.reset();
        shape.open = may_have_slash(nodes_[i]);
        if (shape.open) return shape;
    }
    shape.segments.push_back(std::move(segment));
    return shape;
}

void PathPattern::add_prefix(std::string_view prefix) {
    texts_.front().insert(0, safe_path(prefix));
    quoted_.front().insert(0, requote_path(prefix));
    compile();
}

void PathPattern::compile() {
    if (!compile_steps()) steps_.clear();
    const auto text_node = [](const std::string& text) {
        RegexNode node;
        node.kind = RegexNode::Kind::text;
        node.text = text;
        return node;
    };
    RegexNode whole;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        whole.children.push_back(text_node(texts_[i]));
        RegexNode& variable = whole.children.emplace_back();
        variable.kind = RegexNode::Kind::variable;
        variable.children.push_back(nodes_[i]);
    }
    whole.children.push_back(text_node(texts_.back()));
    program_ = RegexProgram(whole, names_.size());
}

bool PathPattern::match_program(std::string_view path, PathSpan* values) const {
    return program_.match(path, values);
}

}  // namespace aio::web::detail
