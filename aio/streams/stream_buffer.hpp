// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace aio::detail {

/// Makes `text` longer without giving the new bytes a value.
void grow_uninitialized(std::string& text, std::size_t size);

/// Bytes that were received and not read yet: one string, of which [begin, end) counts. Empty, it holds
/// no memory.
class StreamBuffer {
public:
    bool empty() const noexcept { return begin_ == end_; }
    std::size_t size() const noexcept { return end_ - begin_; }
    BytesView view() const noexcept { return {text_.data() + begin_, end_ - begin_}; }

    void append(BytesView data);
    /// Room for `size` bytes more behind the end; commit() says how many came. Until then it may also be
    /// forgotten.
    std::span<char> grow(std::size_t size);
    void commit(std::size_t count) noexcept { end_ += count; }
    /// Puts `data` in front of everything.
    void put_back(BytesView data);

    /// Removes and returns the first `count` bytes, or all if there are fewer. All of them are moved out
    /// without a copy.
    std::string take(std::size_t count);
    /// Removes the first `count` bytes, at most size().
    void consume(std::size_t count) noexcept;
    void clear() noexcept;
    /// Offers a string whose memory may be used again; its text is dropped.
    void recycle(std::string&& storage) noexcept;

private:
    void make_room(std::size_t size);

    std::string text_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace aio::detail
