// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <ranges>
#include <span>
#include <string>
#include <string_view>

namespace aio {

/// Read-only view of bytes. Converts from text (`std::string`, `std::string_view`, literals) and
/// from contiguous ranges of `char`, `unsigned char` and `std::byte`; owns nothing.
class BytesView {
public:
    constexpr BytesView() noexcept = default;
    constexpr BytesView(const char* text) noexcept : view_(text) {}           // NOLINT
    constexpr BytesView(std::string_view text) noexcept : view_(text) {}      // NOLINT
    constexpr BytesView(const std::string& text) noexcept : view_(text) {}    // NOLINT
    constexpr BytesView(const char* data, std::size_t size) noexcept : view_(data, size) {}

    template <std::ranges::contiguous_range R>
        requires(std::same_as<std::ranges::range_value_t<R>, std::byte> ||
                 std::same_as<std::ranges::range_value_t<R>, unsigned char> ||
                 (std::same_as<std::ranges::range_value_t<R>, char> &&
                  !std::convertible_to<R, std::string_view>))
    BytesView(const R& range) noexcept  // NOLINT(google-explicit-constructor)
        : view_(reinterpret_cast<const char*>(std::ranges::data(range)), std::ranges::size(range)) {}

    constexpr const char* data() const noexcept { return view_.data(); }
    constexpr std::size_t size() const noexcept { return view_.size(); }
    constexpr bool empty() const noexcept { return view_.empty(); }
    constexpr std::string_view text() const noexcept { return view_; }
    constexpr operator std::string_view() const noexcept { return view_; }  // NOLINT
    std::string str() const { return std::string(view_); }
    std::span<const std::byte> bytes() const noexcept {
        return std::as_bytes(std::span<const char>(view_.data(), view_.size()));
    }
    constexpr BytesView subview(std::size_t from) const noexcept { return view_.substr(from); }

    friend constexpr bool operator==(BytesView a, BytesView b) noexcept { return a.view_ == b.view_; }

private:
    std::string_view view_;
};

}  // namespace aio
