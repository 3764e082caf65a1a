// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/transport/write_piece.hpp>

#include <concepts>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// How writelines() takes the elements of a range.
namespace aio::detail {

// Strings and pieces are moved from if they are temporaries, or those of a container that is moved in.
template <class R, class Element = std::ranges::range_reference_t<R>>
inline constexpr bool kTaken =
    (std::same_as<std::remove_reference_t<Element>, std::string> ||
     std::same_as<std::remove_reference_t<Element>, WritePiece>) &&
    (!std::is_lvalue_reference_v<Element> ||
     (!std::is_lvalue_reference_v<R> && !std::ranges::borrowed_range<R> && !std::ranges::view<R>));

// What a view refers to outlives the view; another temporary holds its bytes itself.
template <class Element>
inline constexpr bool kRefers =
    std::is_lvalue_reference_v<Element> || std::is_pointer_v<Element> ||
    std::same_as<std::remove_cvref_t<Element>, BytesView> || std::ranges::view<std::remove_cvref_t<Element>>;

// Whether all its elements are there at once, to be looked at until the call returns.
template <class R>
inline constexpr bool kLent =
    !kTaken<R> && std::ranges::forward_range<R> && kRefers<std::ranges::range_reference_t<R>>;

// A list of pieces that stays the caller's. They cannot be lent: what of them must wait is moved out.
template <class R, class Element = std::ranges::range_reference_t<R>>
inline constexpr bool kKeptPieces = std::same_as<std::remove_cvref_t<Element>, WritePiece> && !kTaken<R>;

template <class R>
concept PieceRange =
    std::ranges::input_range<R> &&
    (std::constructible_from<BytesView, std::ranges::range_reference_t<R>> ||
     std::same_as<std::remove_cvref_t<std::ranges::range_reference_t<R>>, WritePiece>) &&
    !std::convertible_to<R, std::span<const BytesView>> &&
    !(std::convertible_to<R, std::span<WritePiece>> && std::ranges::view<std::remove_cvref_t<R>>);

/// The pieces of a range whose elements are not lent. A template parameter, so that a vector of pieces is
/// made for those who use it only.
template <class R, class Piece = WritePiece>
std::vector<Piece> taken_pieces(R&& range) {
    if constexpr (std::same_as<R, std::vector<Piece>>) {
        return std::move(range);
    } else {
        std::vector<Piece> pieces;
        if constexpr (std::ranges::sized_range<R>) pieces.reserve(std::ranges::size(range));
        for (auto&& element : range) {
            if constexpr (kTaken<R> || !kRefers<std::ranges::range_reference_t<R>>) {
                pieces.emplace_back(std::move(element));
            } else {
                pieces.emplace_back(BytesView(element).str());
            }
        }
        return pieces;
    }
}

}  // namespace aio::detail
