// SPDX-License-Identifier: MIT
#include <aio/loop/event_loop.hpp>
#include <aio/loop/loop_parts_impl.hpp>
#include <aio/streams/detail/read_arena.hpp>

#include <new>

namespace aio::detail {

ReadArena& ReadArena::of(EventLoop& loop) {
    std::shared_ptr<void>& place = loop.parts().read_arena;
    if (!place) place = std::make_shared<ReadArena>();
    return *static_cast<ReadArena*>(place.get());
}

ReadArena::ReadArena() : memory_(static_cast<char*>(::operator new(kSize, std::align_val_t(kGrain)))) {
    begin_anew();
}

// Readers may outlive their loop.
ReadArena::~ReadArena() {
    while (Loan* loan = loans_.front()) loan->evict();
    ::operator delete(memory_, std::align_val_t(kGrain));
}

void ReadArena::make_room() {
    char* const end = memory_ + kSize;
    for (;;) {
        // The oldest loan is the next in the ring, unless it lies behind and the ring's end comes first. What
        // is left of one may begin close to that end.
        Loan* const oldest = loans_.front();
        const bool is_ahead = oldest && oldest->loan_end_ > cursor_;
        free_end_ = is_ahead ? oldest->begin_ : end;
        if (free_end_ - cursor_ >= static_cast<std::ptrdiff_t>(kRoom)) return;
        if (!is_ahead) {
            cursor_ = memory_;
        } else if (oldest->pinned_) {
            step_over(*oldest);
            oldest->unlink();
            loans_.push_back(*oldest);  // next to the cursor is where the newest ones are
        } else {
            oldest->evict();
        }
    }
}

}  // namespace aio::detail
