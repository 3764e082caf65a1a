// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/traceback_table.hpp>
#include <aio/base/pool.hpp>
#include <aio/base/ref.hpp>
#include <aio/streams/detail/stream_buffer.hpp>
#include <aio/transport/transport.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>

namespace aio::detail {

class ReadOperation;

/// What the handles of one StreamReader share.
///
/// Rules:
/// 1. `reading_` is the operation that waits, or that was woken and has not gone on yet. Only one may
///    wait; a woken one may be overtaken by another task's read, is told so, and fails if its data is gone.
/// 2. An operation is woken when it can be decided, not for every byte; it takes its bytes when its task
///    goes on. So a cancelled read loses nothing.
/// 3. Small messages stay in the loop's arena until they are read, and are copied once, into a string of
///    the right size; large ones go straight into the string that read() will give away; read_into() that
///    waits receives straight into the caller's memory.
/// 4. What fill() shows is still in the buffer. It is held where it is until something is read or the next
///    fill(); if more comes meanwhile, the buffer goes on with a copy, and the old memory is set aside.
/// 5. What read_view() gives stays in the buffer's memory as well, until the next read_view() or fill(), but
///    is not there any more. It is set aside when a task begins to wait, or if more comes before that.
class StreamReaderState final : public pool::Pooled {
public:
    explicit StreamReaderState(std::size_t limit);
    StreamReaderState(const StreamReaderState&) = delete;
    StreamReaderState& operator=(const StreamReaderState&) = delete;

    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) [[unlikely]]
            destroy();
    }

    // the feeding side
    void feed_data(BytesView data);
    void feed_eof();
    void set_exception(std::exception_ptr error);
    void set_transport(ReadTransport& transport);
    /// Another one, above that: pauses and resumes it from now on.
    void replace_transport(ReadTransport& transport);
    /// Takes everything, for the handshake of start_tls(). Throws if it cannot begin any more.
    std::string take_for_handshake(bool server_side);
    /// Where the next bytes should be received, and how many were.
    std::span<char> get_buffer(ReadArena& arena);
    void buffer_updated(ReadArena& arena, std::size_t count);

    // the reading side
    /// Rule 1: throws the stored error, or RuntimeError if somebody else waits.
    void check_readable(const ReadOperation& operation, SourceLocation at) const {
        if (reading_ || error_) [[unlikely]]
            check_thoroughly(operation, at);
    }
    [[noreturn]] void raise_error(SourceLocation at) const { rethrow_kept(this, at, error_); }
    void wait(ReadOperation& operation);
    void leave(const ReadOperation& operation) noexcept {
        if (reading_ == &operation) reading_ = nullptr;
    }
    std::string take(std::size_t count) {
        if (attention_) [[unlikely]]
            return take_with_attention(count);
        return buffer_.take(count);
    }
    void consume(std::size_t count) {
        if (!(attention_ & kLent)) buffer_.consume(count);
        if (attention_) after_reading();
    }
    /// As StreamReader::consume().
    void consume_some(std::size_t count);
    /// Rule 5: everything that is there.
    BytesView lend() {
        if (attention_ == 0) [[likely]] {
            const BytesView data = buffer_.lend();
            if (!data.empty()) [[likely]] {
                attention_ = kLent;
                return data;
            }
        }
        return lend_otherwise();
    }
    /// Whether a read may begin, and nothing has to be ended for it.
    bool is_free() const noexcept { return !reading_ && !error_ && attention_ == 0; }
    /// The same, but for what read_view() gave, which it ends.
    bool end_view_if_free() noexcept {
        if (reading_ || error_ || (attention_ & ~kLent)) [[unlikely]]
            return false;
        if (attention_) buffer_.end_lent();
        attention_ = 0;
        return true;
    }
    /// Ends what read_view() or fill() gave.
    void end_loan() noexcept;
    /// Rule 4: everything that is there, which is something.
    BytesView hold() {
        if (!buffer_.hold()) [[unlikely]]
            return hold_text();
        attention_ |= kHeld;
        return buffer_.view();
    }
    /// Returns bytes that a cancelled read_into() had received.
    void put_back(BytesView data);
    StreamBuffer& buffer() noexcept { return buffer_; }
    const StreamBuffer& buffer() const noexcept { return buffer_; }
    std::size_t limit() const noexcept { return limit_; }
    bool eof() const noexcept { return eof_; }
    const std::exception_ptr& error() const noexcept { return error_; }

private:
    ~StreamReaderState() { drop_error(); }
    void drop_error() noexcept {
        if (error_) forget_traceback(this, error_);
    }
    void destroy() noexcept;
    void check_thoroughly(const ReadOperation& operation, SourceLocation at) const;
    void check_nobody_waits(const char* name, SourceLocation at) const;

    enum class Target : std::uint8_t { arena, own, caller };
    [[gnu::noinline]] void other_buffer_updated(ReadArena& arena, std::size_t count);
    void data_arrived();
    void make_changeable() {
        if (attention_ & (kHeld | kLent)) [[unlikely]]
            set_aside();
    }
    void set_aside();
    void let_go() noexcept;
    void after_reading();
    [[gnu::noinline]] std::string take_with_attention(std::size_t count);
    [[gnu::noinline]] BytesView lend_otherwise();
    [[gnu::noinline]] BytesView hold_text();
    [[gnu::noinline]] void wait_with_attention();
    [[gnu::noinline]] std::span<char> own_room();
    [[gnu::noinline]] void consume_other(std::size_t count);
    void resume();

    StreamBuffer buffer_;
    ReadOperation* reading_ = nullptr;
    std::size_t limit_;
    Ref<ReadTransport> transport_;
    std::exception_ptr error_;
    LentBytes lent_;
    unsigned refs_ = 0;
    std::uint32_t last_read_ = 0;  ///< size of the latest read from the transport
    Target target_ = Target::arena;
    bool eof_ = false;
    std::uint8_t attention_ = 0;                    ///< what reading ends or may end:
    static constexpr std::uint8_t kPaused = 1;      ///< the transport is paused
    static constexpr std::uint8_t kHeld = 2;        ///< the buffer holds what fill() has shown
    static constexpr std::uint8_t kAside = 4;       ///< lent_ has it
    static constexpr std::uint8_t kLent = 8;        ///< what read_view() gave is in the buffer's memory
    static constexpr std::uint8_t kLentAside = 16;  ///< lent_ has it
};

}  // namespace aio::detail
