// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/streams/detail/read_operation.hpp>
#include <aio/streams/detail/stream_reader_state.hpp>

#include <compare>
#include <concepts>
#include <cstddef>
#include <exception>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace aio {

/// The limit of a reader where none is given, in bytes.
inline constexpr std::size_t kDefaultStreamLimit = 64 * 1024;

/// The receiving end of a stream: buffers what arrives until it is read. Mirrors asyncio.StreamReader.
///
/// A cheap handle: copies refer to the same stream; one that was moved from is empty, and its functions throw
/// RuntimeError. One coroutine may wait for data at a time; a second
/// one gets a RuntimeError (S120). A stored error (set_exception(), a broken connection) is thrown by
/// every read from then on, even if data is left.
///
/// Completes, for all reads: at once, without yielding, if what is there suffices.
/// Cancellation, for all reads: immediate; nothing is lost, the next read finds the data.
/// Threads: the loop's only.
class StreamReader {
public:
    /// A reader that is fed by hand or by a StreamReaderProtocol. `limit` bounds readuntil() and
    /// readline(); above twice of it the transport is paused. Throws ValueError if it is 0.
    explicit StreamReader(std::size_t limit = kDefaultStreamLimit)
        : state_(new detail::StreamReaderState(limit)) {}

    /// Up to `n` bytes, waiting only while there is none; all until the end of file if `n` is negative.
    /// Empty at the end of file, and for n = 0 (S117).
    [[nodiscard("nothing is read until this is awaited")]] detail::ReadAwaiter read(
        std::ptrdiff_t n = -1) const {
        return detail::ReadAwaiter(state("StreamReader.read()"), n);
    }

    /// Exactly `n` bytes; the limit does not apply (S117). Throws ValueError if `n` is negative, and
    /// IncompleteReadError with what there was if the stream ends before.
    [[nodiscard("nothing is read until this is awaited")]] detail::ReadExactlyAwaiter readexactly(
        std::ptrdiff_t n) const {
        return detail::ReadExactlyAwaiter(state("StreamReader.readexactly()"), n);
    }

    /// Through the end of the line; an incomplete last line comes as it is, then empty strings (S119).
    /// Throws ValueError, and drops the line, if it is longer than the limit.
    [[nodiscard("nothing is read until this is awaited")]] detail::ReadLineAwaiter readline() const {
        return detail::ReadLineAwaiter(state("StreamReader.readline()"));
    }

    /// The next line, none after the last one: `while (auto line = co_await reader.next_line())` is
    /// Python's `async for line in reader`.
    [[nodiscard("nothing is read until this is awaited")]] detail::NextLineAwaiter next_line() const {
        return detail::NextLineAwaiter(state("StreamReader.next_line()"));
    }

    /// Through `separator`, or through whichever of several ends first (S118).
    /// Throws LimitOverrunError if it does not begin within the limit (the data stays), IncompleteReadError
    /// at the end of file, ValueError for an empty separator.
    [[nodiscard("nothing is read until this is awaited")]] detail::ReadUntilAwaiter readuntil(
        std::string separator = "\n") const {
        return detail::ReadUntilAwaiter(state("StreamReader.readuntil()"), std::move(separator));
    }
    [[nodiscard("nothing is read until this is awaited")]] detail::ReadUntilAwaiter readuntil(
        std::vector<std::string> separators) const {
        return detail::ReadUntilAwaiter(state("StreamReader.readuntil()"), std::move(separators));
    }

    /// Like read(n) into the caller's memory: gives how many bytes were put there, 0 at the end of file.
    /// While it waits the system receives straight into it.
    /// Lifetime: `memory` must stay valid until the await is over.
    [[nodiscard("nothing is read until this is awaited")]] detail::ReadIntoAwaiter read_into(
        std::span<char> memory) const {
        return detail::ReadIntoAwaiter(state("StreamReader.read_into()"), memory);
    }

    /// Like read() of whatever is there, without a string: borrows the reader's memory. Empty at the end
    /// of file. The bytes count as read.
    /// Lifetime: the view is valid until the next read_view() or fill() of this stream.
    [[nodiscard("nothing is read until this is awaited")]] detail::ReadViewAwaiter read_view() const {
        return detail::ReadViewAwaiter(state("StreamReader.read_view()"));
    }

    /// Whatever is there, waiting only while there is nothing; none at the end of file:
    /// `while (auto chunk = co_await reader.next_chunk())`.
    [[nodiscard("nothing is read until this is awaited")]] detail::NextChunkAwaiter next_chunk() const {
        return detail::NextChunkAwaiter(state("StreamReader.next_chunk()"));
    }

    /// Shows all that is there, waiting until it is `at_least` so many bytes, and leaves it there: for
    /// parsers, which then consume() what they have understood, and need not copy. Who has seen N bytes and
    /// needs more asks for N + 1, or for as many as it knows to be needed. Fewer only at the end of file.
    /// Throws LimitOverrunError if it must wait for more than the limit.
    /// Lifetime: the view is valid until the next consume(), fill() or read of this stream, whatever arrives.
    [[nodiscard("nothing is read until this is awaited")]] detail::FillAwaiter fill(
        std::size_t at_least = 1) const {
        return detail::FillAwaiter(state("StreamReader.fill()"), at_least);
    }
    /// The first `count` bytes that are there count as read. Throws ValueError if there are fewer, and
    /// RuntimeError while a coroutine waits for data.
    void consume(std::size_t count) const { state("StreamReader.consume()").consume_some(count); }

    /// The end of file was fed and everything was read.
    bool at_eof() const {
        const detail::StreamReaderState& reader = state("StreamReader.at_eof()");
        return reader.eof() && reader.buffer().empty();
    }
    /// What is there to be read, without reading it; valid until the next call or await.
    BytesView buffered() const { return state("StreamReader.buffered()").buffer().view(); }
    std::size_t limit() const { return state("StreamReader.limit()").limit(); }

    // The feeding side.

    /// Adds bytes; must not follow feed_eof(). Pauses the transport above twice the limit (S121).
    void feed_data(BytesView data) const { state("StreamReader.feed_data()").feed_data(data); }
    /// Nothing more will come.
    void feed_eof() const { state("StreamReader.feed_eof()").feed_eof(); }
    /// The stored error, or null.
    const std::exception_ptr& exception() const { return state("StreamReader.exception()").error(); }
    /// Makes the current and all later reads fail. Throws TypeError if there is no error.
    void set_exception(std::exception_ptr error) const {
        state("StreamReader.set_exception()").set_exception(std::move(error));
    }
    template <class E>
        requires(!std::convertible_to<E, std::exception_ptr>)
    void set_exception(E error) const {
        set_exception(std::make_exception_ptr(std::move(error)));
    }
    /// Whom to pause and resume; at most once.
    void set_transport(ReadTransport& transport) const {
        state("StreamReader.set_transport()").set_transport(transport);
    }

    detail::StreamReaderState& state() const noexcept { return *state_; }
    /// For the library: throws RuntimeError that names `call` if the handle is empty.
    detail::StreamReaderState& state(const char* call) const { return state_.checked(call); }
    /// Whether it refers to a stream; false after a move.
    explicit operator bool() const noexcept { return static_cast<bool>(state_); }
    /// Equal are those that refer to the same stream. The order, for maps and sets, is any.
    friend bool operator==(const StreamReader& a, const StreamReader& b) noexcept = default;
    friend std::strong_ordering operator<=>(const StreamReader& a, const StreamReader& b) noexcept {
        return a.state_.get() <=> b.state_.get();
    }

private:
    friend struct std::hash<StreamReader>;
    Ref<detail::StreamReaderState> state_;
};

}  // namespace aio

template <>
struct std::hash<aio::StreamReader> {
    std::size_t operator()(const aio::StreamReader& reader) const noexcept {
        return hash<aio::Ref<aio::detail::StreamReaderState>>()(reader.state_);
    }
};
