// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/streams/detail/read_operation.hpp>

#include <algorithm>

namespace aio::detail {
namespace {

std::string limit_text(const StreamReaderState& reader) {
    return " the limit of " + std::to_string(reader.limit()) + " bytes";
}

}  // namespace

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
        case Kind::fill:
            return reader.buffer().size() >= wanted_ || reader.eof();
        case Kind::until:
            return static_cast<UntilOperation*>(this)->search() || reader.eof();
        default:
            return !reader.buffer().empty() || reader.eof();
    }
}

void ReadOperation::look_at_trouble(SourceLocation at) {
    if (trouble_ == Trouble::error) state_->raise_error(at);
    overtaken();
}

void ReadOperation::raise_overtaken(SourceLocation at) const {
    throw_at(at, RuntimeError(std::string(name()) +
                              "(): another coroutine read the data that this one was woken for"));
}

// --- read, readexactly ------------------------------------------------------------------------------

bool ReadAwaiter::await_ready(SourceLocation at) {
    check_fresh();
    if (wanted() == 0 && !state().error()) return true;
    state().check_readable(*this, at);
    return has_result();
}

bool ReadAwaiter::has_result() const noexcept {
    if (kind() == Kind::all) [[unlikely]]
        return state().eof();
    return !state().buffer().empty() || state().eof();
}

std::string ReadAwaiter::await_resume(SourceLocation at) {
    finish_wait(at);
    if (wanted() == 0) [[unlikely]]
        return {};
    if (!has_result()) [[unlikely]]
        raise_overtaken(at);
    return state().take(wanted());
}

bool ReadExactlyAwaiter::await_ready(SourceLocation at) {
    check_fresh();
    if (negative_) throw_at(at, ValueError("readexactly size can not be less than zero"));
    if (wanted() == 0 && !state().error()) return true;
    state().check_readable(*this, at);
    return decided();
}

std::string ReadExactlyAwaiter::await_resume(SourceLocation at) {
    finish_wait(at);
    if (state().buffer().size() >= wanted()) return wanted() == 0 ? std::string() : state().take(wanted());
    if (!state().eof()) raise_overtaken(at);
    throw_at(at, IncompleteReadError(state().take(wanted()), wanted()));
}

// --- readuntil, readline ----------------------------------------------------------------------------

void UntilOperation::check_separators(SourceLocation at) const {
    if (separators().empty()) throw_at(at, ValueError("Separator should contain at least one element"));
    for (const std::string& separator : separators()) {
        if (separator.empty()) throw_at(at, ValueError("Separator should be at least one-byte string"));
    }
}

bool UntilOperation::await_ready(SourceLocation at) {
    check_fresh();
    check_separators(at);
    state().check_readable(*this, at);
    return decided();
}

void UntilOperation::overtaken() noexcept {
    scanned_ = 0;
    outcome_ = Outcome::open;
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
        const std::size_t found =
            separator.size() == 1 ? data.find(separator[0], scanned_) : data.find(separator, scanned_);
        if (found == data.npos) continue;
        if (outcome_ != Outcome::found || found + separator.size() < match_end_) {
            outcome_ = Outcome::found;
            match_begin_ = found;
            match_end_ = found + separator.size();
        }
    }
    if (outcome_ == Outcome::found) return true;
    if (data.size() < scanned_ + shortest) return outcome_ == Outcome::overrun;
    scanned_ = data.size() + 1 > longest ? data.size() + 1 - longest : 0;
    if (scanned_ > state().limit()) outcome_ = Outcome::overrun;
    return outcome_ == Outcome::overrun;
}

std::string UntilOperation::take_chunk(SourceLocation at) {
    search();
    if (found_within_limit()) return state().take(match_end_);
    if (outcome_ == Outcome::found) {
        throw_at(at, LimitOverrunError("Separator is found, but chunk is longer than" + limit_text(state()),
                                       match_begin_));
    }
    if (outcome_ == Outcome::overrun) {
        throw_at(at, LimitOverrunError("Separator is not found, and chunk exceed" + limit_text(state()),
                                       scanned_));
    }
    if (!state().eof()) raise_overtaken(at);
    throw_at(at, IncompleteReadError(state().take(state().buffer().size()), std::nullopt));
}

// S119: what readline() makes of the same outcomes.
std::string UntilOperation::take_line(SourceLocation at) {
    search();
    if (found_within_limit()) return state().take(match_end_);
    if (outcome_ == Outcome::found) {
        state().consume(match_end_);
        throw_at(at, ValueError("Separator is found, but chunk is longer than" + limit_text(state())));
    }
    if (outcome_ == Outcome::overrun) {
        state().consume(state().buffer().size());
        throw_at(at, ValueError("Separator is not found, and chunk exceed" + limit_text(state())));
    }
    if (!state().eof()) raise_overtaken(at);
    return state().take(state().buffer().size());
}

// --- read_into, read_view, fill, next_chunk ---------------------------------------------------------

bool ReadIntoAwaiter::await_ready(SourceLocation at) {
    check_fresh();
    if (memory_.empty() && !state().error()) return true;
    state().check_readable(*this, at);
    return decided();
}

std::size_t ReadIntoAwaiter::await_resume(SourceLocation at) {
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
    finish_wait(at);
    if (memory_.empty()) return 0;
    const BytesView data = state().buffer().view();
    if (data.empty() && !state().eof()) raise_overtaken(at);
    const std::size_t count = std::min(data.size(), memory_.size());
    std::copy_n(data.data(), count, memory_.data());
    state().consume(count);
    return count;
}

// These are in two parts each: the usual case needs no frame.
bool ReadViewAwaiter::await_ready(SourceLocation at) {
    if (!fresh() || !state().end_view_if_free()) [[unlikely]]
        return ready_otherwise(at);
    return !state().buffer().empty() || state().eof();
}

bool ReadViewAwaiter::ready_otherwise(SourceLocation at) {
    check_fresh();
    state().end_loan();
    state().check_readable(*this, at);
    return !state().buffer().empty() || state().eof();
}

BytesView ReadViewAwaiter::await_resume(SourceLocation at) {
    if (!ends_well() || state().buffer().empty()) [[unlikely]]
        return resume_otherwise(at);
    finish_well();
    return state().lend();
}

BytesView ReadViewAwaiter::resume_otherwise(SourceLocation at) {
    finish_wait(at);
    if (state().buffer().empty()) {
        if (!state().eof()) raise_overtaken(at);
        return {};
    }
    return state().lend();
}

bool FillAwaiter::await_ready(SourceLocation at) {
    if (!fresh() || !state().is_free()) [[unlikely]]
        return ready_otherwise(at);
    if (has_result()) return true;
    if (wanted() > state().limit()) [[unlikely]]
        return ready_otherwise(at);
    return false;
}

bool FillAwaiter::ready_otherwise(SourceLocation at) {
    check_fresh();
    state().check_readable(*this, at);
    state().end_loan();
    if (has_result()) return true;
    if (wanted() > state().limit()) raise_overrun(at);
    return false;
}

void FillAwaiter::raise_overrun(SourceLocation at) const {
    throw_at(at, LimitOverrunError("fill() of " + std::to_string(wanted()) + " bytes, which is more than" +
                                       limit_text(state()),
                                   state().buffer().size()));
}

BytesView FillAwaiter::await_resume(SourceLocation at) {
    const std::size_t size = state().buffer().size();
    if (!ends_well() || size < wanted() || size == 0) [[unlikely]]
        return resume_otherwise(at);
    finish_well();
    return state().hold();
}

BytesView FillAwaiter::resume_otherwise(SourceLocation at) {
    finish_wait(at);
    if (!has_result()) raise_overtaken(at);
    if (state().buffer().empty()) return {};
    return state().hold();
}

bool NextChunkAwaiter::await_ready(SourceLocation at) {
    check_fresh();
    state().check_readable(*this, at);
    return decided();
}

std::optional<std::string> NextChunkAwaiter::await_resume(SourceLocation at) {
    finish_wait(at);
    if (!decided()) [[unlikely]]
        raise_overtaken(at);
    if (state().buffer().empty()) return std::nullopt;
    return state().take(wanted());
}

}  // namespace aio::detail
