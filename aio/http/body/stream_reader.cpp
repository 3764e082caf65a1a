// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/body/stream_reader.hpp>

#include <algorithm>
#include <utility>

namespace aio::http {

/// One coroutine reads at a time.
class StreamReader::Turn {
public:
    Turn(StreamReader& reader, const char* name) : reader_(reader) {
        if (reader.reading_) {
            throw RuntimeError(std::string(name) +
                               "() called while another coroutine is already waiting for incoming data");
        }
        if (reader.error_) std::rethrow_exception(reader.error_);
        reader.reading_ = true;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { reader_.reading_ = false; }

private:
    StreamReader& reader_;
};

void StreamReader::reset(detail::BodySource* source, std::size_t limit) noexcept {
    source_ = source;
    limit_ = limit;
    buffer_.clear();
    begin_ = 0;
    total_ = 0;
    error_ = nullptr;
    ended_ = false;
}

StreamReader::State StreamReader::pull(std::size_t most) {
    if (error_) std::rethrow_exception(error_);  // set while this waited
    if (!source_ || ended_) {
        ended_ = true;
        return State::end;
    }
    buffer_.erase(0, std::exchange(begin_, 0));
    const std::size_t before = buffer_.size();
    try {
        const State state = source_->take(buffer_, most);
        total_ += buffer_.size() - before;
        ended_ = state == State::end;
        return state;
    } catch (...) {
        error_ = std::current_exception();
        throw;
    }
}

Coro<> StreamReader::wait() {
    try {
        co_await source_->wait();
    } catch (const CancelledError&) {
        throw;
    } catch (const TimeoutError&) {
        throw;  // whoever set the limit may read on
    } catch (...) {
        error_ = std::current_exception();
        throw;
    }
}

std::string StreamReader::take(std::size_t count) {
    if (begin_ == 0 && count == buffer_.size()) return std::exchange(buffer_, {});
    std::string taken = buffer_.substr(begin_, count);
    begin_ += count;
    if (begin_ == buffer_.size()) {
        buffer_.clear();
        begin_ = 0;
    }
    return taken;
}

Coro<std::string> StreamReader::read(std::ptrdiff_t n) {
    if (n == 0) co_return {};
    const Turn turn(*this, "read");
    while (n < 0 || empty()) {
        const State state = pull(n < 0 ? kLimit : static_cast<std::size_t>(n));
        if (state == State::end) break;
        if (state == State::wait) co_await wait();
    }
    const std::size_t there = buffer_.size() - begin_;
    co_return take(n < 0 ? there : std::min(there, static_cast<std::size_t>(n)));
}

Coro<std::string> StreamReader::read_all(std::uint64_t max_size) {
    const Turn turn(*this, "read_all");
    for (;;) {
        const State state = pull(kLimit);
        if (buffer_.size() - begin_ > max_size) {
            throw LimitOverrunError("the body is longer than " + std::to_string(max_size) + " bytes",
                                    buffer_.size() - begin_);
        }
        if (state == State::end) break;
        if (state == State::wait) co_await wait();
    }
    co_return take_all();
}

Coro<std::string> StreamReader::readany() { return read(kLimit); }

Coro<std::string> StreamReader::readexactly(std::ptrdiff_t n) {
    if (n < 0) throw ValueError("readexactly() of a negative number of bytes");
    const Turn turn(*this, "readexactly");
    const std::size_t wanted = static_cast<std::size_t>(n);
    while (buffer_.size() - begin_ < wanted) {
        const State state = pull(wanted - (buffer_.size() - begin_));
        if (state == State::end) throw IncompleteReadError(take_all(), wanted);
        if (state == State::wait) co_await wait();
    }
    co_return take(wanted);
}

Coro<std::string> StreamReader::readline() { return readuntil("\n"); }

Coro<std::string> StreamReader::readuntil(std::string separator) {
    if (separator.empty()) throw ValueError("readuntil() of an empty separator");
    const Turn turn(*this, "readuntil");
    std::size_t searched = 0;
    for (;;) {
        const std::string_view there = std::string_view(buffer_).substr(begin_);
        const std::size_t found = there.find(separator, searched);
        const std::size_t size = found == there.npos ? there.size() : found + separator.size();
        if (size > limit_) {
            take(size);
            throw LimitOverrunError("a line is longer than " + std::to_string(limit_) + " bytes", size);
        }
        if (found != there.npos) co_return take(size);
        searched = size < separator.size() ? 0 : size - separator.size() + 1;
        const State state = pull(kLimit);
        if (state == State::end) co_return take_all();
        if (state == State::wait) co_await wait();
    }
}

Coro<BodyChunk> StreamReader::readchunk() {
    const Turn turn(*this, "readchunk");
    if (!empty()) co_return BodyChunk{take_all(), source_ && source_->ends_chunk()};
    for (;;) {
        const State state = pull(kLimit);
        if (state == State::data) co_return BodyChunk{take_all(), source_->ends_chunk()};
        if (state == State::end) co_return BodyChunk{};
        co_await wait();
    }
}

std::string StreamReader::read_nowait(std::ptrdiff_t n) {
    const Turn turn(*this, "read_nowait");
    if (empty()) pull(n < 0 ? kLimit : static_cast<std::size_t>(n));
    const std::size_t there = buffer_.size() - begin_;
    return take(n < 0 ? there : std::min(there, static_cast<std::size_t>(n)));
}

Coro<std::optional<std::string>> StreamReader::next_chunk(std::size_t most) {
    if (most == 0) throw ValueError("next_chunk() of at most 0 bytes");
    const Turn turn(*this, "next_chunk");
    while (empty()) {
        const State state = pull(most);
        if (state == State::end) co_return std::nullopt;
        if (state == State::wait) co_await wait();
    }
    co_return take(std::min(most, buffer_.size() - begin_));
}

Coro<std::string_view> StreamReader::fill(std::size_t at_least) {
    const Turn turn(*this, "fill");
    while (buffer_.size() - begin_ < at_least) {
        const State state = pull(std::max(kLimit, at_least - (buffer_.size() - begin_)));
        if (state == State::end) break;
        if (state == State::wait) co_await wait();
    }
    co_return std::string_view(buffer_).substr(begin_);
}

void StreamReader::consume(std::size_t count) {
    const Turn turn(*this, "consume");
    if (count > buffer_.size() - begin_) throw ValueError("consume() of more bytes than there are");
    begin_ += count;
}

Coro<std::optional<std::string>> StreamReader::next_line() {
    std::string line = co_await readuntil("\n");
    if (line.empty()) co_return std::nullopt;
    co_return line;
}

}  // namespace aio::http
