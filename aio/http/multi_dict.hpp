// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::http {

/// A value of a parameter: text, or a number, which is written as Python writes it (1.0 is "1.0"). Throws
/// ValueError for a number that is infinite or none.
class QueryVar {
public:
    QueryVar(std::string text) noexcept : text_(std::move(text)) {}
    template <std::convertible_to<std::string_view> Text>
    QueryVar(const Text& text) : text_(std::string_view(text)) {}
    template <std::integral Number>
        requires(!std::same_as<Number, bool> && !std::same_as<Number, char>)
    QueryVar(Number number) : text_(std::to_string(number)) {}
    template <std::floating_point Number>
    QueryVar(Number number) : text_(format(number)) {}

    const std::string& text() const& noexcept AIO_LIFETIME_BOUND { return text_; }
    std::string&& text() && noexcept AIO_LIFETIME_BOUND { return std::move(text_); }

private:
    static std::string format(double number);

    std::string text_;
};

/// Names with values, in their order; a name may occur several times. The parameters of a query and the
/// fields of a form are such. Mirrors multidict.MultiDict.
///
/// Functions that look for a name look at one item after the other: nothing can be made slow by names that
/// somebody chose. Views and iterators are valid until the next change. Threads: one at a time.
class MultiDict {
public:
    using Item = std::pair<std::string, std::string>;
    using const_iterator = std::vector<Item>::const_iterator;

    MultiDict() noexcept = default;
    MultiDict(std::initializer_list<std::pair<std::string_view, QueryVar>> items);

    /// One more item, at the end.
    void add(std::string_view name, QueryVar value);
    /// The first item of that name gets the value, the others go; or it is a new one. `d[name] = value`.
    void set(std::string_view name, QueryVar value);
    /// The first value of that name, which is added where there is none.
    std::string_view setdefault(std::string_view name, QueryVar value) AIO_LIFETIME_BOUND;
    /// Adds the items of `other`.
    void extend(const MultiDict& other);
    /// The items of `other` replace those of the same names, first by first; what is left over goes, what is
    /// missing comes at the end.
    void update(const MultiDict& other);

    /// The first value of that name; `fallback` or nothing if there is none.
    std::optional<std::string_view> get(std::string_view name) const AIO_LIFETIME_BOUND;
    std::string_view get(std::string_view name, std::string_view fallback) const AIO_LIFETIME_BOUND;
    /// The same; throws LookupError, Python's KeyError, if there is none.
    std::string_view getone(std::string_view name) const AIO_LIFETIME_BOUND;
    std::string_view operator[](std::string_view name) const AIO_LIFETIME_BOUND { return getone(name); }
    /// All values of that name; none is no error.
    std::vector<std::string_view> getall(std::string_view name) const AIO_LIFETIME_BOUND;
    bool contains(std::string_view name) const noexcept;

    /// Removes the first item of that name and gives its value, if there is one.
    std::optional<std::string> popone(std::string_view name);
    /// Removes all items of that name and gives their values.
    std::vector<std::string> popall(std::string_view name);
    void clear() noexcept { items_.clear(); }

    std::size_t size() const noexcept { return items_.size(); }
    bool empty() const noexcept { return items_.empty(); }
    const_iterator begin() const noexcept AIO_LIFETIME_BOUND { return items_.begin(); }
    const_iterator end() const noexcept AIO_LIFETIME_BOUND { return items_.end(); }

    /// Equal are those with the same items in the same order.
    friend bool operator==(const MultiDict& a, const MultiDict& b) = default;

private:
    std::vector<Item>::iterator find(std::string_view name);
    const_iterator find(std::string_view name) const noexcept;

    std::vector<Item> items_;
};

}  // namespace aio::http
