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
    make_changeable();
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

void StreamReaderState::replace_transport(ReadTransport& transport) {
    const Ref<ReadTransport> old = std::exchange(transport_, Ref<ReadTransport>(&transport));
    if (old && (attention_ & kPaused)) {
        old->resume_reading();
        transport_->pause_reading();
    }
}

std::string StreamReaderState::take_for_handshake(bool server_side) {
    if (error_) raise_error({});
    if (eof_) throw ConnectionResetError("the peer has closed the connection before the handshake");
    if (buffer_.empty()) return {};
    if (!server_side) {  // whoever is in between could put words into the server's mouth
        throw ConnectionAbortedError("the server has sent " + std::to_string(buffer_.size()) +
                                     " bytes before the handshake");
    }
    check_nobody_waits("start_tls", {});
    return take(buffer_.size());
}

std::span<char> StreamReaderState::get_buffer(ReadArena& arena) {
    if (reading_ && reading_->kind() == ReadOperation::Kind::into && reading_->waiting()) {
        target_ = Target::caller;  // it waits, so nothing is buffered
        return static_cast<ReadIntoAwaiter*>(reading_)->memory();
    }
    if (last_read_ >= kLargeRead) [[unlikely]] {
        return own_room();
    }
    target_ = Target::arena;
    return arena.reserve();
}

std::span<char> StreamReaderState::own_room() {
    target_ = Target::own;
    make_changeable();
    return buffer_.grow(std::min(std::bit_ceil(std::size_t{last_read_} + 1), kLargestRead));
}

void StreamReaderState::buffer_updated(ReadArena& arena, std::size_t count) {
    last_read_ = static_cast<std::uint32_t>(count);
    // Nearly always: a small message for an empty buffer, and a task that waits for any. Twice the limit,
    // which would pause the transport, is more than the arena's room.
    if (target_ == Target::arena && buffer_.empty() && reading_ && reading_->waiting() &&
        reading_->kind() == ReadOperation::Kind::some && limit_ >= ReadArena::kRoom / 2) [[likely]] {
        buffer_.receive(arena, count);
        reading_->wake();
        return;
    }
    other_buffer_updated(arena, count);
}

void StreamReaderState::other_buffer_updated(ReadArena& arena, std::size_t count) {
    if (target_ == Target::arena) {
        make_changeable();
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
    if (buffer_.size() > 2 * limit_ && transport_ && !(attention_ & kPaused)) {
        attention_ |= kPaused;
        transport_->pause_reading();
    }
}

// --- the reading side -------------------------------------------------------------------------------

void StreamReaderState::check_thoroughly(const ReadOperation& operation, SourceLocation at) const {
    if (error_) raise_error(at);
    check_nobody_waits(operation.name(), at);
}

void StreamReaderState::check_nobody_waits(const char* name, SourceLocation at) const {
    if (!reading_) return;
    if (reading_->waiting()) {
        throw_at(at, RuntimeError(std::string(name) +
                                  "() called while another coroutine is already waiting for incoming data"));
    }
    reading_->overtake();
}

void StreamReaderState::wait(ReadOperation& operation) {
    reading_ = &operation;
    if (attention_) [[unlikely]]
        wait_with_attention();
}

void StreamReaderState::wait_with_attention() {
    if (attention_ & kLent) set_aside();  // so that what arrives need not look
    if (attention_ & kPaused) resume();
}

void StreamReaderState::resume() {
    attention_ &= static_cast<std::uint8_t>(~kPaused);
    transport_->resume_reading();
}

// What fill() has shown.
void StreamReaderState::let_go() noexcept {
    if (attention_ & kAside) lent_.end();
    if (attention_ & kHeld) buffer_.let_go();
    attention_ &= kPaused | kLent | kLentAside;
}

void StreamReaderState::end_loan() noexcept {
    if (!attention_) return;
    let_go();
    if (attention_ & kLent) buffer_.end_lent();
    if (attention_ & kLentAside) lent_.end();
    attention_ &= kPaused;
}

void StreamReaderState::after_reading() {
    let_go();
    if ((attention_ & kPaused) && buffer_.size() <= limit_) resume();
}

std::string StreamReaderState::take_with_attention(std::size_t count) {
    std::string data;
    if (!(attention_ & kLent)) data = buffer_.take(count);
    after_reading();
    return data;
}

BytesView StreamReaderState::lend_otherwise() {
    BytesView data = buffer_.lend();
    const bool in_place = !data.empty();
    if (!in_place) data = buffer_.lend_from(lent_);
    attention_ |= in_place ? kLent : kLentAside;
    after_reading();
    return data;
}

BytesView StreamReaderState::hold_text() {
    buffer_.hold_text();
    attention_ |= kHeld;
    return buffer_.view();
}

void StreamReaderState::set_aside() {
    lent_.end();
    buffer_.set_aside(lent_);
    const std::uint8_t aside = attention_ & kLent ? kLentAside : kAside;
    attention_ = static_cast<std::uint8_t>((attention_ & kPaused) | aside);
}

void StreamReaderState::consume_some(std::size_t count) {
    if (!reading_ && attention_ == kHeld && buffer_.consume_held(count)) [[likely]] {
        attention_ = 0;
        return;
    }
    consume_other(count);
}

void StreamReaderState::consume_other(std::size_t count) {
    check_nobody_waits("consume", {});
    if (count > buffer_.size()) {
        throw ValueError("consume() of " + std::to_string(count) + " bytes, of which " +
                         std::to_string(buffer_.size()) + " are there");
    }
    consume(count);
}

void StreamReaderState::put_back(BytesView data) {
    make_changeable();
    buffer_.put_back(data);
    data_arrived();
}

}  // namespace aio::detail
