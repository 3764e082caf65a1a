// SPDX-License-Identifier: MIT
#include <aio/streams/detail/stream_buffer.hpp>

#include <utility>

namespace aio::detail {

void LentBytes::end() noexcept {
    if (on_loan()) arena_->end(*this);
    std::string().swap(text_);  // assigned, an empty string would keep its memory
}

void StreamBuffer::append(BytesView data) {
    own(data.size());
    const std::size_t before = size();
    const std::size_t offset = static_cast<std::size_t>(begin_ - text_.data());
    text_.resize(offset + before);
    text_.append(data.data(), data.size());
    point_into_text(offset, before + data.size());
}

std::span<char> StreamBuffer::grow(std::size_t extra) {
    own(extra);
    const std::size_t before = size();
    const std::size_t offset = static_cast<std::size_t>(begin_ - text_.data());
    grow_uninitialized(text_, offset + before + extra);
    point_into_text(offset, before);
    return {end_, extra};
}

// Makes what counts a part of text_, with `extra` bytes to follow soon. Moves it to the front rather
// than letting the string grow, if that is cheap.
void StreamBuffer::own(std::size_t extra) {
    const std::size_t count = size();
    if (on_loan()) {
        text_.clear();
        text_.reserve(count + extra);
        text_.append(begin_, count);
        arena_->end(*this);
        point_into_text(0, count);
    } else if (count == 0) {
        point_into_text(0, 0);
    } else {
        const std::size_t offset = static_cast<std::size_t>(begin_ - text_.data());
        if (offset < count || offset + count + extra <= text_.capacity()) return;
        text_.erase(0, offset);
        point_into_text(0, count);
    }
}

void StreamBuffer::put_back(BytesView data) {
    own(data.size());
    const std::size_t offset = static_cast<std::size_t>(begin_ - text_.data());
    const std::size_t count = size();
    text_.insert(offset, data.data(), data.size());
    point_into_text(offset, data.size() + count);
}

void StreamBuffer::hold_text() {
    own(0);
    if (text_.capacity() > std::string().capacity()) return;
    const std::size_t offset = static_cast<std::size_t>(begin_ - text_.data());
    const std::size_t count = size();
    text_.reserve(2 * std::string().capacity());  // what is inside a string's object moves with it
    point_into_text(offset, count);
}

void StreamBuffer::set_aside(LentBytes& lent) {
    std::string copy(begin_, size());
    if (on_loan()) {
        arena_->pass_on(*this, lent);
        lent.arena_ = arena_;
    } else {
        lent.text_ = std::move(text_);
    }
    text_ = std::move(copy);
    point_into_text(0, text_.size());
}

std::string StreamBuffer::take_other(std::size_t count) {
    if (count < size()) return std::string(std::exchange(begin_, begin_ + count), count);
    // A string is moved out if it is not much larger than what it holds.
    if (begin_ == text_.data() && text_.capacity() / 4 <= size()) {
        text_.resize(size());
        begin_ = end_ = nullptr;
        return std::move(text_);
    }
    std::string result(begin_, size());
    clear();
    return result;
}

void StreamBuffer::clear() noexcept {
    if (on_loan()) {
        arena_->end(*this);
    } else {
        std::string().swap(text_);
    }
    begin_ = end_ = nullptr;
}

}  // namespace aio::detail
