// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/streams/detail/read_arena.hpp>

#include <cassert>
#include <cstddef>
#include <span>
#include <string>

namespace aio::detail {

/// Makes `text` longer without giving the new bytes a value.
void grow_uninitialized(std::string& text, std::size_t size);

/// Bytes that are used in place until end(), and are no longer in the buffer.
class LentBytes final : private ReadArena::Loan {
public:
    LentBytes() noexcept = default;
    LentBytes(const LentBytes&) = delete;
    LentBytes& operator=(const LentBytes&) = delete;
    ~LentBytes() override { end(); }

    void end() noexcept;

private:
    friend class StreamBuffer;
    void evict() override { end(); }  // only at the loop's end

    std::string text_;  ///< a copy, where the bytes could not stay in the arena
    ReadArena* arena_ = nullptr;
};

/// Bytes that were received and not read yet, either on loan from the loop's arena or in a string of
/// their own. Empty, it holds no memory.
class StreamBuffer final : private ReadArena::Loan {
public:
    StreamBuffer() noexcept = default;
    StreamBuffer(const StreamBuffer&) = delete;
    StreamBuffer& operator=(const StreamBuffer&) = delete;
    ~StreamBuffer() override { clear(); }

    bool empty() const noexcept { return begin_ == end_; }
    std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - begin_); }
    BytesView view() const noexcept { return {begin_, size()}; }

    void append(BytesView data);
    /// Adds `count` bytes that were received into the arena's room.
    void receive(ReadArena& arena, std::size_t count) {
        if (!empty()) [[unlikely]]
            return append(BytesView(arena.reserve().data(), count));
        assert(!on_loan());
        arena_ = &arena;
        arena.lend(*this, count);
    }
    /// Room for `size` bytes more behind the end; commit() says how many came. Until then it may also be
    /// forgotten.
    std::span<char> grow(std::size_t size);
    void commit(std::size_t count) noexcept { end_ += count; }
    /// Puts `data` in front of everything.
    void put_back(BytesView data);

    /// Removes and returns the first `count` bytes, or all if there are fewer. All of a large string are
    /// moved out without a copy.
    std::string take(std::size_t count) {
        if (!on_loan() || count < size()) [[unlikely]]
            return take_other(count);
        std::string result(begin_, size());
        arena_->end(*this);
        begin_ = end_ = nullptr;
        return result;
    }
    /// Removes the first `count` bytes, at most size().
    void consume(std::size_t count) noexcept {
        begin_ += count;
        if (empty()) clear();
    }
    void clear() noexcept;
    /// Removes everything, which stays in its place until end_lent(); it must not be added to before
    /// set_aside(). Empty if that is not possible.
    BytesView lend() noexcept {
        if (!on_loan() || !arena_->pin(*this)) [[unlikely]]
            return {};
        const BytesView data = view();
        end_ = begin_;
        return data;
    }
    void end_lent() noexcept {
        if (on_loan()) arena_->end_pinned(*this);
    }
    /// Removes everything, and keeps it in `lent`, which has ended.
    BytesView lend_from(LentBytes& lent) {
        lent.text_ = take(size());
        return lent.text_;
    }
    /// The same as consume() of everything, if that is held in the arena.
    bool consume_held(std::size_t count) noexcept {
        if (!on_loan() || count != size()) [[unlikely]]
            return false;
        arena_->end_pinned(*this);
        end_ = begin_;
        return true;
    }
    /// What is there stays in its place until let_go(), or until something is read. It must not be
    /// added to before set_aside(). False if that is not possible, but with hold_text() it is.
    bool hold() noexcept { return on_loan() && arena_->pin(*this); }
    void hold_text();
    void let_go() noexcept {
        if (on_loan()) arena_->unpin(*this);
    }
    /// Goes on with a copy, and keeps in `lent`, which has ended, what is held or lent.
    void set_aside(LentBytes& lent);

private:
    void evict() override { own(0); }
    void own(std::size_t extra);
    std::string take_other(std::size_t count);  // not all of a loan
    void point_into_text(std::size_t offset, std::size_t size) noexcept {
        begin_ = text_.data() + offset;
        end_ = begin_ + size;
    }

    std::string text_;            ///< may be longer than what counts of it: the rest was lent and not used
    ReadArena* arena_ = nullptr;  ///< where the loan is from
};

}  // namespace aio::detail
