// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/multi_dict.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

namespace aio::http {
namespace {

std::string in_form(double number, std::chars_format form) {
    std::array<char, 64> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, form).ptr;
    return std::string(digits.data(), end);
}

}  // namespace

// As repr() of a float: the shortest digits that are the same number, with an exponent where that is far from
// 0.
std::string QueryVar::format(double number) {
    if (std::isinf(number)) throw ValueError("float('inf') is not supported");
    if (std::isnan(number)) throw ValueError("float('nan') is not supported");
    std::string text = in_form(number, std::chars_format::scientific);
    const int exponent = std::stoi(text.substr(text.find('e') + 1));
    if (exponent < -4 || exponent >= 16) return text;
    text = in_form(number, std::chars_format::fixed);
    if (text.find('.') == text.npos) text += ".0";
    return text;
}

MultiDict::MultiDict(std::initializer_list<std::pair<std::string_view, QueryVar>> items) {
    items_.reserve(items.size());
    for (const auto& [name, value] : items) add(name, value);
}

std::vector<MultiDict::Item>::iterator MultiDict::find(std::string_view name) {
    return std::find_if(items_.begin(), items_.end(), [&](const Item& item) { return item.first == name; });
}

MultiDict::const_iterator MultiDict::find(std::string_view name) const noexcept {
    return std::find_if(items_.begin(), items_.end(), [&](const Item& item) { return item.first == name; });
}

void MultiDict::add(std::string_view name, QueryVar value) {
    items_.emplace_back(name, std::move(value).text());
}

void MultiDict::set(std::string_view name, QueryVar value) {
    const std::string wanted(name);  // which may be a view of an item that goes
    const auto first = find(wanted);
    if (first == items_.end()) return add(wanted, std::move(value));
    first->second = std::move(value).text();
    const auto others =
        std::remove_if(first + 1, items_.end(), [&](const Item& item) { return item.first == wanted; });
    items_.erase(others, items_.end());
}

std::string_view MultiDict::setdefault(std::string_view name, QueryVar value) {
    const auto first = find(name);
    if (first != items_.end()) return first->second;
    add(name, std::move(value));
    return items_.back().second;
}

void MultiDict::extend(const MultiDict& other) {
    const std::size_t count = other.items_.size();  // which may be this one
    items_.reserve(items_.size() + count);
    for (std::size_t i = 0; i < count; ++i) items_.push_back(other.items_[i]);
}

void MultiDict::update(const MultiDict& other) {
    if (&other == this) return;
    // Where the items of each name are, those not yet replaced last to first.
    std::map<std::string_view, std::vector<std::size_t>> places;
    for (const Item& item : other.items_) places[item.first];
    for (std::size_t i = items_.size(); i-- > 0;) {
        const auto found = places.find(items_[i].first);
        if (found != places.end()) found->second.push_back(i);
    }
    std::vector<Item> added;
    for (const Item& item : other.items_) {
        std::vector<std::size_t>& old = places[item.first];
        if (old.empty()) {
            added.push_back(item);
        } else {
            items_[old.back()].second = item.second;
            old.pop_back();
        }
    }
    std::vector<std::size_t> gone;
    for (const auto& [name, old] : places) gone.insert(gone.end(), old.begin(), old.end());
    std::sort(gone.begin(), gone.end());
    std::vector<Item> result;
    for (std::size_t i = 0; i < items_.size(); ++i) {
        if (!std::binary_search(gone.begin(), gone.end(), i)) result.push_back(std::move(items_[i]));
    }
    result.insert(result.end(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
    items_ = std::move(result);
}

std::optional<std::string_view> MultiDict::get(std::string_view name) const {
    const auto first = find(name);
    if (first == items_.end()) return std::nullopt;
    return first->second;
}

std::string_view MultiDict::get(std::string_view name, std::string_view fallback) const {
    const auto first = find(name);
    return first == items_.end() ? fallback : std::string_view(first->second);
}

std::string_view MultiDict::getone(std::string_view name) const {
    const auto first = find(name);
    if (first == items_.end()) throw LookupError("Key not found: '" + std::string(name) + "'");
    return first->second;
}

std::vector<std::string_view> MultiDict::getall(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const Item& item : items_) {
        if (item.first == name) values.push_back(item.second);
    }
    return values;
}

bool MultiDict::contains(std::string_view name) const noexcept { return find(name) != items_.end(); }

std::optional<std::string> MultiDict::popone(std::string_view name) {
    const auto first = find(name);
    if (first == items_.end()) return std::nullopt;
    std::string value = std::move(first->second);
    items_.erase(first);
    return value;
}

std::vector<std::string> MultiDict::popall(std::string_view name) {
    std::vector<std::string> values;
    std::vector<Item> others;
    for (Item& item : items_) {
        if (item.first == name) {
            values.push_back(std::move(item.second));
        } else {
            others.push_back(std::move(item));
        }
    }
    items_ = std::move(others);
    return values;
}

}  // namespace aio::http
