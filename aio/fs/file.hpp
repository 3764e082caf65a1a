// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/base/memory.hpp>
#include <aio/fs/stat.hpp>
#include <aio/task/coro.hpp>

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aio::fs {

namespace detail {
class FileState;
}

/// A file whose calls are made by threads, so that no disk stalls the loop. Mirrors the files of aiofiles.
///
/// A cheap handle: copies refer to the same file; one that was made without a file, or moved from, is empty,
/// and its functions throw RuntimeError. The last one closes the file, in a thread; close() tells of errors.
///
/// What several tasks do with one file is done in the order in which they began, each thing wholly. Bytes are
/// as they are in the file, whatever the mode says of text.
///
/// Reading goes ahead by 64 KiB; a call that finds what it needs there completes at once, without a thread.
/// A write has reached the kernel when it completes, so it is an error of that write if it cannot, others can
/// read it, and nothing has to be flushed; who writes many small pieces joins them, as writelines() does.
///
/// Cancellation, of all: immediate. What waits for its turn is not done then. What a thread has begun goes on
/// there: the rest is written; what is read is there for the next call.
/// Throws, all: OSError and its kind, with the path; ValueError if the file is closed; RuntimeError if there
/// can be no thread. Threads: the loop's only.
class File {
public:
    File() noexcept = default;

    /// `n` bytes, fewer at the end of the file, where it is empty; all until the end if `n` is negative.
    /// Throws LimitOverrunError for all of what is longer than OpenOptions::limit(); it is not lost.
    Coro<std::string> read(std::ptrdiff_t n = -1) const;
    /// The same into the caller's memory; gives how many bytes. `memory` must last until it has ended.
    Coro<std::size_t> readinto(std::span<char> memory) const;
    /// Through the end of the line; the last line may have none. Empty at the end of the file.
    /// Throws LimitOverrunError as read().
    Coro<std::string> readline() const;
    /// The next line, none at the end: `while (auto line = co_await file.next_line())` is `async for`.
    Coro<std::optional<std::string>> next_line() const;
    /// What is there, or one call gives, none at the end: `while (auto chunk = co_await file.next_chunk())`.
    Coro<std::optional<std::string>> next_chunk(std::size_t most = 256 * 1024) const;
    /// All lines that are left.
    Coro<std::vector<std::string>> readlines() const;

    /// Writes all of it, and gives how much that is. It is copied; a string that is moved in is not.
    Coro<std::size_t> write(BytesView data) const;
    template <std::same_as<std::string> S>  // only for rvalues; never by conversion
    Coro<std::size_t> write(S&& data) const {
        return write_string(static_cast<std::string&&>(data));
    }
    /// Writes all of them at once, without anything in between.
    Coro<> writelines(std::vector<std::string> lines) const;

    /// Goes elsewhere; `whence` is SEEK_SET, SEEK_CUR or SEEK_END. Gives where that is.
    Coro<std::int64_t> seek(std::int64_t offset, int whence = 0) const;
    Coro<std::int64_t> tell() const;
    /// Makes it so many bytes long, by default as many as there are before the position, which stays.
    Coro<std::int64_t> truncate(std::optional<std::int64_t> size = std::nullopt) const;
    /// Waits until what was begun is done. There is nothing else to flush.
    Coro<> flush() const;
    /// Has the system put everything on the disk. Mirrors os.fsync(), after flush().
    Coro<> fsync() const;

    /// Reads and writes elsewhere than at the position, which stays; as os.pread(), but all `n` bytes if
    /// they are there, and os.pwrite().
    Coro<std::string> pread(std::size_t n, std::int64_t offset) const;
    Coro<std::size_t> pwrite(BytesView data, std::int64_t offset) const;

    /// os.fstat().
    Coro<Stat> stat() const;

    /// Closes it when what was begun is done. Idempotent. It is closed afterwards also if this throws, and
    /// will be if this is cancelled.
    Coro<> close() const;
    bool closed() const;
    /// The descriptor; valid until the file is closed. Whoever uses it finds the position elsewhere after
    /// reads, which go ahead. Throws ValueError if it is closed, OSError if it has none, being in memory.
    int fileno() const;
    /// The path it was opened by; empty if it has none.
    const std::string& name() const;
    /// As it was given to open().
    const std::string& mode() const;

    /// Of a SpooledTemporaryFile(): makes a file of it now. Of others: nothing.
    Coro<> rollover() const;
    /// Whether it is none of those that are in memory.
    bool rolled() const;

    /// For async_with(), at whose end it closes.
    Coro<File> aenter() const;
    Coro<> aexit() const;

    /// Whether it refers to a file.
    explicit operator bool() const noexcept { return static_cast<bool>(state_); }
    /// Equal are those that refer to the same file. The order, for maps and sets, is any.
    friend bool operator==(const File& a, const File& b) noexcept = default;
    friend std::strong_ordering operator<=>(const File& a, const File& b) noexcept {
        return a.state_.get() <=> b.state_.get();
    }

    /// For open() and its kin.
    explicit File(std::shared_ptr<detail::FileState> state) noexcept : state_(std::move(state)) {}

private:
    const std::shared_ptr<detail::FileState>& state(const char* call) const;
    Coro<std::size_t> write_string(std::string data) const;

    std::shared_ptr<detail::FileState> state_;
};

}  // namespace aio::fs
