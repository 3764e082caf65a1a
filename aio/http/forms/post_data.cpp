// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/forms/post_data.hpp>

#include <algorithm>

namespace aio::http {

std::optional<std::string_view> PostData::get(std::string_view name) const {
    for (const auto& [key, value] : items_) {
        const auto* const text = std::get_if<std::string>(&value);
        if (text && key == name) return *text;
    }
    return std::nullopt;
}

std::string_view PostData::get(std::string_view name, std::string_view fallback) const {
    return get(name).value_or(fallback);
}

std::string_view PostData::operator[](std::string_view name) const {
    const auto text = get(name);
    if (!text) throw LookupError("the form has no field '" + std::string(name) + "'");
    return *text;
}

std::vector<std::string_view> PostData::getall(std::string_view name) const {
    std::vector<std::string_view> texts;
    for (const auto& [key, value] : items_) {
        const auto* const text = std::get_if<std::string>(&value);
        if (text && key == name) texts.push_back(*text);
    }
    return texts;
}

const FileField* PostData::file(std::string_view name) const noexcept {
    for (const auto& [key, value] : items_) {
        const auto* const file = std::get_if<FileField>(&value);
        if (file && key == name) return file;
    }
    return nullptr;
}

std::vector<FileField> PostData::files(std::string_view name) const {
    std::vector<FileField> found;
    for (const auto& [key, value] : items_) {
        const auto* const file = std::get_if<FileField>(&value);
        if (file && key == name) found.push_back(*file);
    }
    return found;
}

bool PostData::contains(std::string_view name) const noexcept {
    return std::any_of(items_.begin(), items_.end(), [name](const Item& item) { return item.first == name; });
}

}  // namespace aio::http
