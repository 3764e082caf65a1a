// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/list.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace aio {

class EventLoop;

namespace detail {

/// Memory that all stream readers of a loop receive small messages into. The bytes stay there, on loan,
/// until the reading task has had its turn; so a message is copied once, into the string that
/// read() gives, and a connection that has nothing buffered holds no memory.
///
/// Rules: (1) it is a ring; loans are listed in the order in which they were given, which is their order
/// in the ring; (2) before memory is given out again, loans that are still there are evicted: their
/// owners copy the bytes to memory of their own; pinned ones, of which there are few, are stepped over
/// instead; (3) when the last loan ends the ring begins anew, so that a quiet loop uses few pages of it.
class ReadArena {
public:
    /// Bytes of the ring that somebody has not read yet.
    class Loan : public ListLink {
    public:
        bool on_loan() const noexcept { return linked(); }

    protected:
        Loan() noexcept = default;
        virtual ~Loan() = default;  // protected is not enough for g++: ReadArena is a friend
        /// Rule 2: copies [begin_, end_) to memory of its own.
        virtual void evict() = 0;

        char* begin_ = nullptr;
        char* end_ = nullptr;  ///< the owner may move it back

    private:
        friend class ReadArena;
        char* loan_end_ = nullptr;
        bool pinned_ = false;
    };

    /// The arena of `loop`, made on first use. It lives as long as the loop's object.
    static ReadArena& of(EventLoop& loop);

    ReadArena();
    ReadArena(const ReadArena&) = delete;
    ReadArena& operator=(const ReadArena&) = delete;
    ~ReadArena();

    /// Room for the next message.
    std::span<char> reserve() {
        if (free_end_ - cursor_ < static_cast<std::ptrdiff_t>(kRoom)) [[unlikely]]
            make_room();
        return {cursor_, kRoom};
    }
    /// The first `count` bytes of that room go on loan.
    void lend(Loan& loan, std::size_t count) noexcept {
        loan.begin_ = cursor_;
        loan.end_ = loan.loan_end_ = cursor_ + count;
        step_over(loan);
        loans_.push_back(loan);
    }
    void end(Loan& loan) noexcept {
        if (loan.pinned_) return end_pinned(loan);
        loan.unlink();
        if (loans_.empty()) begin_anew();
    }
    void end_pinned(Loan& loan) noexcept {
        loan.pinned_ = false;
        --pinned_;
        loan.unlink();
        if (loans_.empty()) begin_anew();
    }
    /// From now on its bytes stay where they are, until unpin() or end(). False if too many do.
    bool pin(Loan& loan) noexcept {
        if (pinned_ == kMaxPinned) [[unlikely]]
            return false;
        ++pinned_;
        loan.pinned_ = true;
        return true;
    }
    void unpin(Loan& loan) noexcept {
        if (!loan.pinned_) return;
        loan.pinned_ = false;
        --pinned_;
    }
    /// Passes `from` on to `to`, which is none.
    void pass_on(Loan& from, Loan& to) noexcept {
        to.pinned_ = std::exchange(from.pinned_, false);
        to.begin_ = from.begin_;
        to.end_ = to.loan_end_ = from.loan_end_;
        to.link_before(from);
        from.unlink();
    }

    static constexpr std::size_t kSize = 512 * 1024;
    static constexpr std::size_t kRoom = 16 * 1024;

private:
    static constexpr std::size_t kGrain = 64;   // a cache line; memory_ begins with one
    static constexpr unsigned kMaxPinned = 15;  // so that there is room between two of them
    static_assert((kMaxPinned + 1) * 2 * kRoom <= kSize);

    void begin_anew() noexcept {
        cursor_ = memory_;
        free_end_ = cursor_ + kSize;
    }
    void step_over(const Loan& loan) noexcept {
        const std::uintptr_t end = reinterpret_cast<std::uintptr_t>(loan.loan_end_);
        cursor_ = loan.loan_end_ + ((end + kGrain - 1) / kGrain * kGrain - end);
    }
    void make_room();

    char* const memory_;
    char* cursor_;    ///< where the next message goes
    char* free_end_;  ///< up to here nothing is on loan, from cursor_ on
    List<Loan> loans_;
    unsigned pinned_ = 0;
};

}  // namespace detail
}  // namespace aio
