// SPDX-License-Identifier: MIT
#include <aio/base/source_location.hpp>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <string_view>

namespace aio {
namespace {

using Text = std::string_view;

bool in_identifier(char c) noexcept { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Length of the bracketed group that `text` starts with.
std::size_t group_size(Text text) noexcept {
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '(' || c == '<' || c == '{' || c == '[') ++depth;
        const bool arrow = c == '>' && i > 0 && text[i - 1] == '-';
        if ((c == ')' || c == '>' || c == '}' || c == ']') && !arrow && --depth == 0) return i + 1;
    }
    return text.size();
}

// Splits "T f(U) [with T = int]" (g++) or "T f(U) [T = int]" (clang); gives what stands in the brackets.
Text cut_template_arguments(Text& signature) noexcept {
    if (signature.empty() || signature.back() != ']') return {};
    int depth = 0;
    for (std::size_t i = signature.size(); i-- > 0;) {
        if (signature[i] == ']') ++depth;
        if (signature[i] == '[' && --depth == 0) {
            const Text arguments = signature.substr(i + 1, signature.size() - i - 2);
            if (arguments.find(" = ") == arguments.npos) return {};
            signature = signature.substr(0, i > 0 ? i - 1 : 0);
            return arguments;
        }
    }
    return {};
}

// The name in a signature; one pass, which forgets what it has at each blank outside of brackets and
// ends at the parameter list.
std::string bare_name(Text text) {
    constexpr Text kOperator = "operator";
    constexpr Text kCallOfLambda = "<lambda>::operator()";  // clang's spelling; g++ leaves the operator out
    std::string name;
    while (!text.empty()) {
        const bool word_begins = name.empty() || !in_identifier(name.back());
        if (word_begins && text.starts_with(kOperator) && text.size() > kOperator.size() &&
            !in_identifier(text[kOperator.size()])) {
            const std::size_t call = text.substr(kOperator.size()).starts_with("()") ? 2 : 0;
            const std::size_t end = std::min(text.find('(', kOperator.size() + call), text.size());
            name += text.substr(0, end);
            text.remove_prefix(end);
        } else if (text.front() == ' ') {
            name.clear();
            text.remove_prefix(1);
        } else if (text.front() == '(' || text.front() == '<' || text.front() == '{') {
            const Text group = text.substr(0, group_size(text));
            text.remove_prefix(group.size());
            if (group.starts_with("<lambda") || group.starts_with("(lambda") ||
                group == "(anonymous class)") {
                name += "<lambda>";
            } else if (group == "(anonymous namespace)" || group == "{anonymous}") {
                text.remove_prefix(text.starts_with("::") ? 2 : 0);
            } else if (group.front() == '(') {
                if (!text.starts_with("::")) break;
                name += "()";  // of an enclosing function
            }
        } else {
            name += text.front();
            text.remove_prefix(1);
        }
    }
    if (name.ends_with(kCallOfLambda)) name.resize(name.rfind("::"));
    constexpr Text kInLambda = "<lambda>::operator()()";  // a lambda within one; g++ leaves that out, too
    for (std::size_t at = 0; (at = name.find(kInLambda, at)) != name.npos;)
        name.erase(at + Text("<lambda>").size(), kInLambda.size() - Text("<lambda>").size());
    return name;
}

// "create_task(fn, args...)" runs a wrapper coroutine; people want to read of fn.
std::string wrapped_name(Text template_arguments) {
    constexpr Text kFunction = "F = ";
    constexpr Text kLambda = "(lambda at ";
    const std::size_t begin = template_arguments.find(kFunction);
    if (begin == template_arguments.npos) return {};
    Text type = template_arguments.substr(begin + kFunction.size());
    const std::size_t end = std::min(type.rfind("; Args = "), type.rfind(", Args = "));
    type = type.substr(0, end);
    if (type.starts_with(kLambda)) {  // clang knows the place, but no name: "(lambda at /a/b.cpp:23:11)"
        type = type.substr(0, type.rfind(':'));
        const std::size_t slash = type.rfind('/');
        type.remove_prefix(slash == type.npos ? kLambda.size() : slash + 1);
        return "<lambda at " + std::string(type) + ">";
    }
    return bare_name(type);
}

}  // namespace

std::string function_name(const SourceLocation& location) {
    const Text whole = location.function_name();
    Text signature = whole;
    const Text template_arguments = cut_template_arguments(signature);
    std::string name = bare_name(signature);
    if (name == "aio::detail::call_in_coroutine") {
        std::string wrapped = wrapped_name(template_arguments);
        if (!wrapped.empty()) return wrapped;
    }
    return name.empty() ? std::string(whole.empty() ? Text("unknown function") : whole) : name;
}

bool detail::is_in_detail(const SourceLocation& location) {
    Text signature = location.function_name();
    cut_template_arguments(signature);
    return bare_name(signature).starts_with("aio::detail::");
}

const char* file_name(const SourceLocation& location) noexcept {
    const char* file = location.file_name();
    const char* slash = std::strrchr(file, '/');
    return slash ? slash + 1 : file;
}

std::string describe(const SourceLocation& location) {
    return function_name(location) + "() at " + file_name(location) + ":" + std::to_string(location.line());
}

}  // namespace aio
