// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/streams/detail/read_operation.hpp>

#include <algorithm>

namespace aio::detail {

UntilOperation::UntilOperation(StreamReaderState& state, std::string separator) noexcept
    : ReadOperation(state, Kind::until, 0), separator_(std::move(separator)) {}

UntilOperation::UntilOperation(StreamReaderState& state, std::vector<std::string> separators) noexcept
    : ReadOperation(state, Kind::until, 0), several_(std::move(separators)), is_several_(true) {}

UntilOperation::UntilOperation(UntilOperation&&) noexcept = default;
UntilOperation::~UntilOperation() = default;

std::span<const std::string> UntilOperation::separators() const noexcept {
    if (is_several_) return several_;
    return {&separator_, 1};
}

const char* ReadOperation::name() const noexcept {
    switch (kind_) {
        case Kind::exactly:
            return "readexactly";
        case Kind::until:
            return "readuntil";
        case Kind::into:
            return "read_into";
        default:
            return "read";
    }
}

std::string ReadOperation::describe() const { return std::string("StreamReader.") + name() + "()"; }

bool ReadOperation::decided() {
    const StreamReaderState& reader = *state_;
    switch (kind_) {
        case Kind::all:
            return reader.eof();
        case Kind::exactly:
            return reader.buffer().size() >= wanted_ || reader.eof();
        case Kind::until:
            return static_cast<UntilOperation*>(this)->search() || reader.eof();
        default:
            return !reader.buffer().empty() || reader.eof();
    }
}

void ReadOperation::raise_failure() const { std::rethrow_exception(state_->error()); }

void ReadOperation::raise_overtaken() const {
    throw RuntimeError(std::string(name()) +
                       "(): another coroutine read the data that this one was woken for");
}

// --- read, readexactly ------------------------------------------------------------------------------

bool ReadAwaiter::await_ready() {
    check_fresh();
    if (wanted() == 0 && !state().error()) return true;
    state().check_readable(*this);
    return has_result();
}

bool ReadAwaiter::has_result() const noexcept {
    if (kind() == Kind::all) [[unlikely]]
        return state().eof();
    return !state().buffer().empty() || state().eof();
}

std::string ReadAwaiter::await_resume() {
    finish_wait();
    if (wanted() == 0) [[unlikely]]
        return {};
    if (!has_result()) [[unlikely]]
        raise_overtaken();
    return state().take(wanted());
}

bool ReadExactlyAwaiter::await_ready() {
    check_fresh();
    if (negative_) throw ValueError("readexactly size can not be less than zero");
    if (wanted() == 0 && !state().error()) return true;
    state().check_readable(*this);
    return decided();
}

std::string ReadExactlyAwaiter::await_resume() {
    finish_wait();
    if (state().buffer().size() >= wanted()) return wanted() == 0 ? std::string() : state().take(wanted());
    if (!state().eof()) raise_overtaken();
    throw IncompleteReadError(state().take(wanted()), wanted());
}

// --- readuntil, readline ----------------------------------------------------------------------------

void UntilOperation::check_separators() const {
    if (separators().empty()) throw ValueError("Separator should contain at least one element");
    for (const std::string& separator : separators()) {
        if (separator.empty()) throw ValueError("Separator should be at least one-byte string");
    }
}

bool UntilOperation::await_ready() {
    check_fresh();
    check_separators();
    state().check_readable(*this);
    return decided();
}

// The earliest end wins, so that of two separators that begin alike the shorter is found.
bool UntilOperation::search() {
    if (outcome_ == Outcome::found) return true;
    const std::string_view data = state().buffer().view();
    std::size_t shortest = ~std::size_t{0};
    std::size_t longest = 0;
    for (const std::string& separator : separators()) {
        shortest = std::min(shortest, separator.size());
        longest = std::max(longest, separator.size());
        const std::size_t at =
            separator.size() == 1 ? data.find(separator[0], scanned_) : data.find(separator, scanned_);
        if (at == data.npos) continue;
        if (outcome_ != Outcome::found || at + separator.size() < match_end_) {
            outcome_ = Outcome::found;
            match_begin_ = at;
            match_end_ = at + separator.size();
        }
    }
    if (outcome_ == Outcome::found) return true;
    if (data.size() < scanned_ + shortest) return outcome_ == Outcome::overrun;
    scanned_ = data.size() + 1 > longest ? data.size() + 1 - longest : 0;
    if (scanned_ > state().limit()) outcome_ = Outcome::overrun;
    return outcome_ == Outcome::overrun;
}

std::string UntilOperation::take_chunk() {
    search();
    if (found_within_limit()) return state().take(match_end_);
    if (outcome_ == Outcome::found) {
        throw LimitOverrunError("Separator is found, but chunk is longer than limit", match_begin_);
    }
    if (outcome_ == Outcome::overrun) {
        throw LimitOverrunError("Separator is not found, and chunk exceed the limit", scanned_);
    }
    if (!state().eof()) raise_overtaken();
    throw IncompleteReadError(state().take(state().buffer().size()), std::nullopt);
}

// S119: what readline() makes of the same outcomes.
std::string UntilOperation::take_line() {
    search();
    if (found_within_limit()) return state().take(match_end_);
    if (outcome_ == Outcome::found) {
        state().consume(match_end_);
        throw ValueError("Separator is found, but chunk is longer than limit");
    }
    if (outcome_ == Outcome::overrun) {
        state().consume(state().buffer().size());
        throw ValueError("Separator is not found, and chunk exceed the limit");
    }
    if (!state().eof()) raise_overtaken();
    return state().take(state().buffer().size());
}

// --- read_into, read_view ---------------------------------------------------------------------------

bool ReadIntoAwaiter::await_ready() {
    check_fresh();
    if (memory_.empty() && !state().error()) return true;
    state().check_readable(*this);
    return decided();
}

std::size_t ReadIntoAwaiter::await_resume() {
    if (has_data()) {
        state().leave(*this);
        try {
            end();
        } catch (...) {
            state().put_back(BytesView(memory_.data(), received_));
            throw;
        }
        return received_;
    }
    finish_wait();
    if (memory_.empty()) return 0;
    const BytesView data = state().buffer().view();
    if (data.empty() && !state().eof()) raise_overtaken();
    const std::size_t count = std::min(data.size(), memory_.size());
    std::copy_n(data.data(), count, memory_.data());
    state().consume(count);
    return count;
}

bool ReadViewAwaiter::await_ready() {
    check_fresh();
    state().end_loan();
    state().check_readable(*this);
    return !state().buffer().empty() || state().eof();
}

BytesView ReadViewAwaiter::await_resume() {
    finish_wait();
    if (state().buffer().empty()) {
        if (!state().eof()) raise_overtaken();
        return {};
    }
    return state().lend();
}

}  // namespace aio::detail
