// SPDX-License-Identifier: MIT
#include <aio/base/source_location.hpp>

#include <cstring>
#include <string_view>

namespace aio {
namespace {

// Where the parameter list of a pretty-printed signature begins: the last '(' outside of brackets
// that is not part of "(anonymous class)" or "operator()".
std::size_t parameter_list(std::string_view text) {
    int depth = 0;
    std::size_t end = text.rfind(')');
    if (end == text.npos) return text.size();
    for (std::size_t i = end + 1; i-- > 0;) {
        if (text[i] == ')') ++depth;
        if (text[i] == '(' && --depth == 0) return i;
    }
    return text.size();
}

}  // namespace

std::string function_name(const SourceLocation& location) {
    std::string_view text = location.function_name();
    if (const auto with = text.find(" [with "); with != text.npos) text = text.substr(0, with);
    if (const auto types = text.rfind(" [T = "); types != text.npos) text = text.substr(0, types);
    text = text.substr(0, parameter_list(text));
    // What follows the last blank outside of template arguments is the name.
    int depth = 0;
    std::size_t start = 0;
    for (std::size_t i = text.size(); i-- > 0;) {
        if (text[i] == '>' || text[i] == ')') ++depth;
        if (text[i] == '<' || text[i] == '(') --depth;
        if (depth == 0 && text[i] == ' ') {
            start = i + 1;
            break;
        }
    }
    return std::string(text.substr(start));
}

std::string describe(const SourceLocation& location) {
    const char* file = location.file_name();
    if (const char* slash = std::strrchr(file, '/')) file = slash + 1;
    return function_name(location) + "() at " + file + ":" + std::to_string(location.line());
}

}  // namespace aio
