// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/log.hpp>
#include <aio/base/traceback.hpp>
#include <aio/loop/exception_context.hpp>

#include <algorithm>

namespace aio {

ExceptionContext& ExceptionContext::set(std::string key, std::any value, std::string text) & {
    auto place = details_.begin();
    while (place != details_.end() && place->key < key) ++place;
    if (place == details_.end() || place->key != key) place = details_.insert(place, Detail{});
    *place = Detail{std::move(key), std::move(value), std::move(text)};
    return *this;
}

const ExceptionContext::Detail* ExceptionContext::find(std::string_view key) const {
    for (const Detail& detail : details_) {
        if (detail.key == key) return &detail;
    }
    return nullptr;
}

bool ExceptionContext::contains(std::string_view key) const {
    if (key == "message") return true;
    if (key == "exception") return exception_ != nullptr;
    return find(key) != nullptr;
}

std::vector<std::string> ExceptionContext::keys() const {
    std::vector<std::string> names;
    for (const Detail& detail : details_) names.push_back(detail.key);
    if (exception_) names.emplace_back("exception");
    std::sort(names.begin(), names.end());
    return names;
}

std::string ExceptionContext::text(std::string_view key) const {
    if (key == "message") return message_;
    if (key == "exception") return exception_ ? describe(exception_) : std::string();
    const Detail* detail = find(key);
    return detail ? detail->text : std::string();
}

std::string ExceptionContext::str() const {
    std::string out = message_;
    for (const Detail& detail : details_) out += "\n" + detail.key + ": " + detail.text;
    if (!exception_) return out;
    const std::string error = format_exception(exception_);
    return out + (error.find('\n') == error.npos ? "\nexception: " : "\n") + error;
}

}  // namespace aio
