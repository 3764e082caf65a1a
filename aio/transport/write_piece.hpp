// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/base/memory.hpp>

#include <concepts>
#include <string>
#include <type_traits>
#include <utility>

namespace aio {

namespace detail {
class WriteQueue;

// An rvalue that holds bytes itself, and is no string.
template <class T>
concept MovedInBytes =
    std::is_class_v<T> && !std::is_const_v<T> && !std::same_as<T, std::string> &&
    std::constructible_from<BytesView, const T&> && !std::same_as<T, BytesView> && !std::ranges::view<T>;
}  // namespace detail

/// One of the pieces that writelines() sends together, in a list that mixes what is owned and what is not:
///
///     writer.writelines({"Content-Length: 9\r\n\r\n", std::move(body)});
///
/// Text or bytes that it only refers to need to live until writelines() returns: what has to wait then is
/// copied. What is moved in is kept instead, and not copied unless it is a short string. Bytes with an owner
/// are always kept. Threads: any, one at a time.
class WritePiece {
public:
    /// Whatever BytesView is made from. Refers to it, and owns nothing.
    template <class Bytes>
        requires(!std::same_as<Bytes, WritePiece> && std::constructible_from<BytesView, const Bytes&>)
    WritePiece(const Bytes& data) noexcept : data_(data) {}              // NOLINT
    WritePiece(std::string&& text) noexcept : text_(std::move(text)) {}  // NOLINT
    /// Another container of bytes that is moved in. Takes an allocation.
    template <detail::MovedInBytes Bytes>
    WritePiece(Bytes&& data) : kept_(true) {  // NOLINT
        auto owner = std::make_shared<Bytes>(std::forward<Bytes>(data));
        data_ = BytesView(*owner);
        owner_ = std::move(owner);
    }
    /// Bytes that stay unchanged as long as `owner` lives, which is held until they are sent. Without an
    /// owner they must stay for good.
    WritePiece(BytesView data, std::shared_ptr<const void> owner) noexcept
        : data_(data), owner_(std::move(owner)), kept_(true) {}

    WritePiece(WritePiece&& other) noexcept
        : data_(std::exchange(other.data_, {})),
          text_(std::move(other.text_)),
          owner_(std::move(other.owner_)),
          kept_(other.kept_) {}
    WritePiece& operator=(WritePiece&&) = delete;
    ~WritePiece() = default;

    /// Its bytes. None are left in a piece that was moved from, or that writelines() has kept.
    BytesView view() const noexcept { return text_.empty() ? data_ : BytesView(text_); }

private:
    friend class detail::WriteQueue;

    // The elements of a list in braces are const, and still are there to be moved from.
    mutable BytesView data_;
    mutable std::string text_;
    mutable std::shared_ptr<const void> owner_;
    bool kept_ = false;
};

}  // namespace aio
