// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::http {

/// What follows a value behind semicolons: `charset=utf-8; boundary="a b"`. In order; names in small letters,
/// and regardless of case where one is asked for. Iterating gives pairs of name and value. Thread rule: as of
/// std::string.
class Parameters {
public:
    using Pair = std::pair<std::string, std::string>;

    /// At most so many are read of a text; what has more is refused.
    static constexpr std::size_t kMost = 128;

    std::optional<std::string_view> get(std::string_view name) const noexcept AIO_LIFETIME_BOUND;
    bool contains(std::string_view name) const noexcept { return get(name).has_value(); }
    /// Replaces the value, or adds the parameter. ValueError if the name is no token or the value has a
    /// control character.
    void set(std::string_view name, std::string_view value);

    void remove(std::string_view name) noexcept;

    std::size_t size() const noexcept { return pairs_.size(); }
    bool empty() const noexcept { return pairs_.empty(); }
    auto begin() const noexcept AIO_LIFETIME_BOUND { return pairs_.begin(); }
    auto end() const noexcept AIO_LIFETIME_BOUND { return pairs_.end(); }

    /// Adds "; name=value" for each, in quotes what is no token.
    void append_to(std::string& out) const;
    friend bool operator==(const Parameters&, const Parameters&) = default;

    /// Reads `; name=value; name="value"`, as lenient as browsers are: of a name that is there twice the
    /// first one counts, what is no parameter is left out. None if there are more than kMost. Threads: any.
    static std::optional<Parameters> parse(std::string_view text);

private:
    std::vector<Pair> pairs_;
};

}  // namespace aio::http
