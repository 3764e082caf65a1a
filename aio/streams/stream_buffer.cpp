// SPDX-License-Identifier: MIT
#include <aio/streams/stream_buffer.hpp>

#include <utility>

namespace aio::detail {

// The string may be longer than end_: a tail that was lent and not used, or only partly.
void StreamBuffer::append(BytesView data) {
    if (empty()) {
        text_.assign(data.data(), data.size());
        begin_ = 0;
    } else {
        make_room(data.size());
        text_.resize(end_);
        text_.append(data.data(), data.size());
    }
    end_ = text_.size();
}

std::span<char> StreamBuffer::grow(std::size_t size) {
    if (empty()) begin_ = end_ = 0;
    make_room(size);
    grow_uninitialized(text_, end_ + size);
    return {text_.data() + end_, size};
}

// Moves what is there to the front rather than letting the string grow, if that is cheap.
void StreamBuffer::make_room(std::size_t size) {
    if (begin_ == 0 || end_ + size <= text_.capacity() || begin_ < end_ - begin_) return;
    text_.erase(0, begin_);
    end_ -= begin_;
    begin_ = 0;
}

void StreamBuffer::put_back(BytesView data) {
    text_.insert(begin_, data.data(), data.size());
    end_ += data.size();
}

std::string StreamBuffer::take(std::size_t count) {
    if (count < size()) {
        std::string result(text_, begin_, count);
        begin_ += count;
        return result;
    }
    std::string result;
    if (begin_ == 0 && text_.capacity() / 4 <= end_) {
        text_.resize(end_);
        result = std::move(text_);
    } else {
        result.assign(text_, begin_, end_ - begin_);
    }
    clear();
    return result;
}

void StreamBuffer::consume(std::size_t count) noexcept {
    begin_ += count;
    if (begin_ == end_) clear();
}

void StreamBuffer::clear() noexcept {
    text_ = std::string();
    begin_ = end_ = 0;
}

void StreamBuffer::recycle(std::string&& storage) noexcept {
    if (!empty() || storage.capacity() <= text_.capacity()) return;
    text_ = std::move(storage);
    text_.clear();
    begin_ = end_ = 0;
}

}  // namespace aio::detail
