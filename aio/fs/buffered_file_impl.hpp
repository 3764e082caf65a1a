// SPDX-License-Identifier: MIT
#pragma once

#include <aio/fs/mode_impl.hpp>
#include <aio/fs/raw_file_impl.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace aio::fs::detail {

/// How much is read at least, and how much of a line there may be where no limit is given.
inline constexpr std::size_t kReadAhead = 64 * 1024;
inline constexpr std::size_t kDefaultLimit = 64 * 1024 * 1024;

/// A file that is read ahead, and written at once.
///
/// Rules: (1) one thread at a time: the one that makes a call, or the loop's while none does; (2) fill_...()
/// reads from the system and takes nothing, take_...() takes and never blocks, so what a cancelled call has
/// read is there for the next one; (3) the system's position is behind what is buffered, and goes back to the
/// reader's before anything else is done at it.
class BufferedFile {
public:
    BufferedFile(Descriptor fd, std::string name, Mode mode, std::optional<std::size_t> limit) noexcept
        : raw_(std::move(fd), std::move(name)), mode_(mode), limit_(limit) {}
    /// In memory first.
    BufferedFile(std::size_t max_size, std::string dir, Mode mode) noexcept
        : raw_(max_size, std::move(dir)), mode_(mode) {}
    BufferedFile(const BufferedFile&) = delete;
    BufferedFile& operator=(const BufferedFile&) = delete;

    std::size_t buffered() const noexcept { return buffer_.size() - begin_; }
    /// How long the first line is, if its end is there; else 0.
    std::size_t line_size() const noexcept;

    /// Until so many bytes are there, or no more come.
    void fill(std::size_t wanted);
    /// Until something is there, `most` bytes if it has to be read.
    void fill_some(std::size_t most);
    /// Until a line's end is there. Throws LimitOverrunError, and leaves everything there.
    void fill_line();
    /// All there is. Throws LimitOverrunError, and leaves everything there.
    void fill_all();

    /// The first `most` bytes, or all if there are fewer.
    std::string take(std::size_t most);
    void take_into(char* to, std::size_t count) noexcept;
    /// What is there, and that so much of it was taken.
    std::string_view view() const noexcept { return std::string_view(buffer_).substr(begin_); }
    void consume(std::size_t count) noexcept;

    void write(BytesView data);
    std::int64_t seek(std::int64_t offset, int whence);
    std::int64_t tell();
    std::int64_t truncate(const std::optional<std::int64_t>& size);
    std::string pread(std::size_t most, std::int64_t offset);
    void pwrite(BytesView data, std::int64_t offset);
    void close();

    RawFile& raw() noexcept { return raw_; }
    const RawFile& raw() const noexcept { return raw_; }
    const Mode& mode() const noexcept { return mode_; }

private:
    void check_reads() const;
    void check_writes() const;
    std::size_t read_more(std::size_t most);
    void go_to_reader();
    [[noreturn]] void overrun(const char* what, std::size_t limit) const;

    RawFile raw_;
    Mode mode_;
    std::optional<std::size_t> limit_;
    std::string buffer_;
    std::size_t begin_ = 0;  ///< what comes before it was taken
};

}  // namespace aio::fs::detail
