// SPDX-License-Identifier: MIT
#include <aio/base/log.hpp>
#include <aio/loop/exception_context.hpp>

#include <algorithm>

namespace aio {

bool ExceptionContext::contains(std::string_view key) const {
    if (key == "message") return true;
    if (key == "exception") return exception_ != nullptr;
    return details_.find(key) != details_.end();
}

std::vector<std::string> ExceptionContext::keys() const {
    std::vector<std::string> names;
    for (const auto& [name, detail] : details_) names.push_back(name);
    if (exception_) names.emplace_back("exception");
    std::sort(names.begin(), names.end());
    return names;
}

std::string ExceptionContext::text(std::string_view key) const {
    if (key == "message") return message_;
    if (key == "exception") return exception_ ? describe(exception_) : std::string();
    const auto found = details_.find(key);
    return found == details_.end() ? std::string() : found->second.text;
}

std::string ExceptionContext::str() const {
    std::string out = message_;
    for (const auto& [name, detail] : details_) out += "\n" + name + ": " + detail.text;
    if (exception_) out += "\nexception: " + describe(exception_);
    return out;
}

}  // namespace aio
