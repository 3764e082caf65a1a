// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/body/body_source.hpp>
#include <aio/task/coro.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

namespace aio::http {

/// A piece of a body as its sender has cut it; mirrors the pairs of aiohttp.StreamReader.readchunk().
struct BodyChunk {
    std::string data;
    /// Whether a chunk of the sender's ends here.
    bool end_of_http_chunk = false;
};

/// The body of a message while it arrives, without its framing, and decoded if it was compressed. What is not
/// read is left in the connection, whose peer has to wait. Mirrors aiohttp.StreamReader.
///
/// Errors: whatever breaks the body is thrown by each read from then on.
/// Cancellation, for all reads: immediate; nothing is lost, the next read finds the data.
/// Threads: the loop's, one coroutine at a time; a second one gets a RuntimeError.
class StreamReader {
public:
    /// For servers and clients: `source` must live as long as this; null for a body that is empty. `limit`
    /// bounds lines, in bytes.
    explicit StreamReader(detail::BodySource* source = nullptr, std::size_t limit = kLimit) noexcept
        : source_(source), limit_(limit) {}
    StreamReader(const StreamReader&) = delete;
    StreamReader& operator=(const StreamReader&) = delete;
    static constexpr std::size_t kLimit = 64 * 1024;

    /// Up to `n` bytes, waiting only while there is none; all until the end if `n` is negative. Empty at the
    /// end.
    Coro<std::string> read(std::ptrdiff_t n = -1);
    /// All until the end. Throws LimitOverrunError if that is more than `max_size` bytes; what was read
    /// until then is there to be read still. aiohttp has no such limit.
    Coro<std::string> read_all(std::uint64_t max_size);
    /// Whatever is there, waiting only while there is nothing; empty at the end.
    Coro<std::string> readany();
    /// Exactly `n` bytes. Throws IncompleteReadError with what there was if the body ends before, ValueError
    /// if `n` is negative.
    Coro<std::string> readexactly(std::ptrdiff_t n);
    /// Through the end of the line; the last one may have none. Empty at the end. Throws LimitOverrunError,
    /// and drops what there is of the line, if it is longer than the limit.
    Coro<std::string> readline();
    /// The same for any separator. Throws ValueError for an empty one.
    Coro<std::string> readuntil(std::string separator = "\n");
    /// A piece as the sender has cut it; empty and false at the end.
    Coro<BodyChunk> readchunk();
    /// Of what is there already a piece, at most `n` bytes; empty if nothing is.
    std::string read_nowait(std::ptrdiff_t n = -1);

    /// Whatever is there, at most `most` bytes; none at the end: `while (auto chunk = co_await
    /// content.next_chunk())`. Mirrors `async for` over iter_any() and iter_chunked(most).
    Coro<std::optional<std::string>> next_chunk(std::size_t most = kLimit);
    /// The next line; none at the end. Mirrors `async for line in content`.
    Coro<std::optional<std::string>> next_line();

    /// Shows what is there, waiting until it is at least so many bytes, and leaves it there: for parsers,
    /// which then consume() what they have understood. Fewer only at the end. As aio::StreamReader::fill().
    /// Lifetime: the view is valid until the next call of this object.
    Coro<std::string_view> fill(std::size_t at_least = 1);
    /// The first `count` bytes that are there count as read. Throws ValueError if there are fewer.
    void consume(std::size_t count);

    /// Everything has arrived and was read.
    bool at_eof() const noexcept { return ended_ && begin_ == buffer_.size(); }
    /// Everything has arrived.
    bool is_eof() const noexcept { return ended_; }
    /// What broke the body; null if nothing did.
    const std::exception_ptr& exception() const noexcept { return error_; }
    /// How many bytes of the body have come so far, decoded, and before that.
    std::uint64_t total_bytes() const noexcept { return total_; }
    std::uint64_t total_raw_bytes() const noexcept { return source_ ? source_->raw_bytes() : total_; }

    /// For servers and clients: another body from now on; what was buffered is dropped.
    void reset(detail::BodySource* source, std::size_t limit = kLimit) noexcept;
    /// For servers and clients: the body ends here with an error that all reads throw.
    void set_exception(std::exception_ptr error) noexcept { error_ = std::move(error); }

private:
    class Turn;
    using State = detail::BodySource::State;
    State pull(std::size_t most);
    Coro<> wait();
    bool empty() const noexcept { return begin_ == buffer_.size(); }
    std::string take(std::size_t count);
    std::string take_all() { return take(buffer_.size() - begin_); }

    detail::BodySource* source_;
    std::size_t limit_;
    std::string buffer_;
    std::size_t begin_ = 0;
    std::uint64_t total_ = 0;
    std::exception_ptr error_;
    bool ended_ = false;
    bool reading_ = false;
};

}  // namespace aio::http
