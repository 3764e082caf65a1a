// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/streams/detail/read_operation.hpp>
#include <aio/streams/detail/stream_reader_state.hpp>

#include <algorithm>
#include <bit>
#include <cassert>

namespace aio::detail {
namespace {

// From this size on copying costs more than an allocation of its own.
constexpr std::size_t kLargeRead = 8 * 1024;
constexpr std::size_t kLargestRead = 256 * 1024;

}  // namespace

StreamReaderState::StreamReaderState(std::size_t limit) : limit_(limit) {
    if (limit == 0) throw ValueError("Limit cannot be <= 0");
}

void StreamReaderState::destroy() noexcept { delete this; }

// --- the feeding side -------------------------------------------------------------------------------

void StreamReaderState::feed_data(BytesView data) {
    assert(!eof_ && "feed_data() after feed_eof()");
    if (data.empty()) return;
    buffer_.append(data);
    data_arrived();
}

void StreamReaderState::feed_eof() {
    eof_ = true;
    if (reading_ && reading_->waiting()) reading_->wake();
}

void StreamReaderState::set_exception(std::exception_ptr error) {
    check_exception(error);
    drop_error();
    error_ = std::move(error);
    keep_traceback(this, error_);
    if (reading_ && reading_->waiting()) reading_->fail();
}

void StreamReaderState::set_transport(ReadTransport& transport) {
    assert(!transport_ && "the reader has a transport already");
    transport_ = Ref<ReadTransport>(&transport);
}

std::span<char> StreamReaderState::get_buffer(ReadArena& arena) {
    if (reading_ && reading_->kind() == ReadOperation::Kind::into && reading_->waiting()) {
        target_ = Target::caller;  // it waits, so nothing is buffered
        return static_cast<ReadIntoAwaiter*>(reading_)->memory();
    }
    if (last_read_ >= kLargeRead) [[unlikely]] {
        target_ = Target::own;
        return buffer_.grow(std::min(std::bit_ceil(std::size_t{last_read_} + 1), kLargestRead));
    }
    target_ = Target::arena;
    return arena.reserve();
}

void StreamReaderState::buffer_updated(ReadArena& arena, std::size_t count) {
    last_read_ = static_cast<std::uint32_t>(count);
    // Nearly always: a small message for an empty buffer, and a task that waits for any.
    if (target_ == Target::arena && buffer_.empty() && reading_ && reading_->waiting() &&
        reading_->kind() == ReadOperation::Kind::some && count <= 2 * limit_) [[likely]] {
        buffer_.receive(arena, count);
        reading_->wake();
        return;
    }
    other_buffer_updated(arena, count);
}

void StreamReaderState::other_buffer_updated(ReadArena& arena, std::size_t count) {
    if (target_ == Target::arena) {
        buffer_.receive(arena, count);
    } else if (target_ == Target::own) {
        buffer_.commit(count);
    } else {
        static_cast<ReadIntoAwaiter*>(reading_)->received(count);
        reading_->wake();
        return;
    }
    data_arrived();
}

inline void StreamReaderState::data_arrived() {
    if (reading_ && reading_->waiting()) {
        const bool any_will_do = reading_->kind() == ReadOperation::Kind::some;
        if (!any_will_do && !reading_->decided()) return;  // it needs more: to pause would be a deadlock
        reading_->wake();
    }
    if (buffer_.size() > 2 * limit_ && transport_ && !paused_) {
        paused_ = true;
        transport_->pause_reading();
    }
}

// --- the reading side -------------------------------------------------------------------------------

void StreamReaderState::check_thoroughly(const ReadOperation& operation, SourceLocation at) const {
    if (error_) raise_error(at);
    if (reading_->waiting()) {
        throw_at(at, RuntimeError(std::string(operation.name()) +
                                  "() called while another coroutine is already waiting for incoming data"));
    }
}

void StreamReaderState::wait(ReadOperation& operation) {
    reading_ = &operation;
    if (paused_) [[unlikely]] {
        paused_ = false;
        transport_->resume_reading();
    }
}

void StreamReaderState::resume() {
    if (buffer_.size() > limit_) return;
    paused_ = false;
    transport_->resume_reading();
}

void StreamReaderState::put_back(BytesView data) {
    buffer_.put_back(data);
    data_arrived();
}

}  // namespace aio::detail
