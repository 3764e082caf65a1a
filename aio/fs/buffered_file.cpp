// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/fs/buffered_file_impl.hpp>

#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <utility>

namespace aio::fs::detail {
namespace {

// What one call reads at most: the buffer grows as the data comes, not as much as somebody has asked for.
constexpr std::size_t kMostPerCall = 1024 * 1024;

}  // namespace

void BufferedFile::check_reads() const {
    if (raw_.closed()) throw ValueError("I/O operation on closed file");
    if (!mode_.reads) throw OSError("not readable");
}

void BufferedFile::check_writes() const {
    if (raw_.closed()) throw ValueError("I/O operation on closed file");
    if (!mode_.writes) throw OSError("not writable");
}

void BufferedFile::overrun(const char* what, std::size_t limit) const {
    throw LimitOverrunError(
        std::string(what) + " of '" + raw_.name() + "' is longer than " + std::to_string(limit) + " bytes",
        buffered());
}

std::size_t BufferedFile::line_size() const noexcept {
    const std::size_t end = buffer_.find('\n', begin_);
    return end == buffer_.npos ? 0 : end + 1 - begin_;
}

std::size_t BufferedFile::read_more(std::size_t most) {
    if (begin_ > 0) buffer_.erase(0, std::exchange(begin_, 0));
    const std::size_t before = buffer_.size();
    buffer_.resize(before + most);
    std::size_t count = 0;
    try {
        count = raw_.read(buffer_.data() + before, most);
    } catch (...) {
        buffer_.resize(before);
        throw;
    }
    buffer_.resize(before + count);
    return count;
}

void BufferedFile::fill(std::size_t wanted) {
    check_reads();
    if (buffered() >= wanted) return;
    // What is large is read as it is asked for, so that all of the buffer can be given away.
    const bool large = wanted >= kReadAhead;
    if (large) buffer_.reserve(std::min(wanted, buffered() + raw_.remaining()));
    while (buffered() < wanted) {
        const std::size_t missing = wanted - buffered();
        if (read_more(large ? std::min(missing, kMostPerCall) : kReadAhead) == 0) return;
    }
}

void BufferedFile::fill_some(std::size_t most) {
    check_reads();
    if (buffered() == 0 && most > 0) read_more(std::min(most, kMostPerCall));
}

void BufferedFile::fill_line() {
    check_reads();
    const std::size_t limit = limit_.value_or(kDefaultLimit);
    std::size_t searched = 0;
    for (;;) {
        const std::size_t end = buffer_.find('\n', begin_ + searched);
        const std::size_t size = end == buffer_.npos ? buffered() : end + 1 - begin_;
        if (size > limit) overrun("a line", limit);
        if (end != buffer_.npos) return;
        searched = size;
        if (read_more(kReadAhead) == 0) return;
    }
}

// A file that knows its size needs no second call to find its end, and its buffer does not grow piece by
// piece.
void BufferedFile::fill_all() {
    check_reads();
    const std::size_t left = raw_.remaining();
    const std::size_t limit = limit_.value_or(left > 0 ? std::string::npos : kDefaultLimit);
    if (left > kReadAhead && left < limit) buffer_.reserve(buffered() + left + kMostPerCall);
    std::size_t most = left > 0 ? std::min(left + 1, kMostPerCall) : kReadAhead;
    for (;;) {
        const std::size_t count = read_more(most);
        if (buffered() > limit) overrun("what is left", limit);
        if (count == 0 || (left > 0 && count < most)) return;
        if (left > 0) most = kMostPerCall;
    }
}

void BufferedFile::consume(std::size_t count) noexcept {
    begin_ += count;
    if (begin_ == buffer_.size()) {
        buffer_.clear();
        begin_ = 0;
    }
}

std::string BufferedFile::take(std::size_t most) {
    const std::size_t count = std::min(most, buffered());
    // All of a buffer that is well used is given away, without a copy.
    if (begin_ == 0 && count == buffer_.size() && count > buffer_.capacity() / 2) {
        return std::exchange(buffer_, std::string());
    }
    std::string taken(buffer_, begin_, count);
    consume(count);
    return taken;
}

void BufferedFile::take_into(char* to, std::size_t count) noexcept {
    std::copy_n(buffer_.data() + begin_, count, to);
    consume(count);
}

// What cannot be sought, such as a terminal, has what is read and what is written apart from each other.
void BufferedFile::go_to_reader() {
    if (buffered() == 0) return;
    try {
        raw_.seek(-static_cast<std::int64_t>(buffered()), SEEK_CUR);
    } catch (const OSError& error) {
        if (error.error_number() == ESPIPE) return;
        throw;
    }
    consume(buffered());
}

void BufferedFile::write(BytesView data) {
    check_writes();
    go_to_reader();
    raw_.write(data);
}

std::int64_t BufferedFile::seek(std::int64_t offset, int whence) {
    if (whence == SEEK_CUR) offset -= static_cast<std::int64_t>(buffered());
    const std::int64_t position = raw_.seek(offset, whence);
    consume(buffered());
    return position;
}

std::int64_t BufferedFile::tell() { return raw_.seek(0, SEEK_CUR) - static_cast<std::int64_t>(buffered()); }

std::int64_t BufferedFile::truncate(const std::optional<std::int64_t>& size) {
    check_writes();
    go_to_reader();
    const std::int64_t length = size ? *size : tell();
    raw_.truncate(length);
    return length;
}

std::string BufferedFile::pread(std::size_t most, std::int64_t offset) {
    check_reads();
    std::string text;
    while (text.size() < most) {
        const std::size_t before = text.size();
        text.resize(before + std::min(most - before, kMostPerCall));
        const std::size_t wanted = text.size() - before;
        const std::size_t count =
            raw_.pread(text.data() + before, wanted, offset + static_cast<std::int64_t>(before));
        text.resize(before + count);
        if (count < wanted) break;
    }
    return text;
}

// What is buffered of the same place would be old.
void BufferedFile::pwrite(BytesView data, std::int64_t offset) {
    check_writes();
    go_to_reader();
    raw_.pwrite(data, offset);
}

void BufferedFile::close() {
    buffer_ = std::string();
    begin_ = 0;
    raw_.close();
}

}  // namespace aio::fs::detail
