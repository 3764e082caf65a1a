// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace aio {

class BytesView;

namespace detail {
// The cheap conditions come first: checking a range concept for std::string would be a twentieth of the
// time it takes to include aio.
template <class R>
concept ByteRange = !std::same_as<R, BytesView> && !std::convertible_to<const R&, std::string_view> &&
                    std::ranges::contiguous_range<const R> &&
                    (std::same_as<std::ranges::range_value_t<R>, std::byte> ||
                     std::same_as<std::ranges::range_value_t<R>, unsigned char> ||
                     std::same_as<std::ranges::range_value_t<R>, char>);
}  // namespace detail

/// Read-only view of bytes. Converts from text (`std::string`, `std::string_view`, literals) and
/// from contiguous ranges of `char`, `unsigned char` and `std::byte`; owns nothing.
class BytesView {
public:
    constexpr BytesView() noexcept = default;
    constexpr BytesView(const char* text) noexcept : view_(text) {}         // NOLINT
    constexpr BytesView(std::string_view text) noexcept : view_(text) {}    // NOLINT
    constexpr BytesView(const std::string& text) noexcept : view_(text) {}  // NOLINT
    constexpr BytesView(const char* data, std::size_t size) noexcept : view_(data, size) {}

    template <detail::ByteRange R>
    BytesView(const R& range) noexcept  // NOLINT(google-explicit-constructor)
        : view_(reinterpret_cast<const char*>(std::ranges::data(range)), std::ranges::size(range)) {}

    constexpr const char* data() const noexcept { return view_.data(); }
    constexpr std::size_t size() const noexcept { return view_.size(); }
    constexpr bool empty() const noexcept { return view_.empty(); }
    constexpr std::string_view text() const noexcept { return view_; }
    constexpr operator std::string_view() const noexcept { return view_; }  // NOLINT
    std::string str() const { return std::string(view_); }
    std::span<const std::byte> bytes() const noexcept {
        return {reinterpret_cast<const std::byte*>(view_.data()), view_.size()};
    }
    /// All but the first `from` bytes. Throws std::out_of_range if there are fewer.
    constexpr BytesView subview(std::size_t from) const { return view_.substr(from); }

    // A member, so that comparing other things (iterators over views) never tries the conversions.
    constexpr bool operator==(const BytesView& other) const noexcept { return view_ == other.view_; }
    // Preferred to the comparisons of string_view itself, which would be just as good as the one above.
    template <std::same_as<std::string_view> Text>
    constexpr bool operator==(const Text& other) const noexcept {
        return view_ == other;
    }

private:
    std::string_view view_;
};

}  // namespace aio
