// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/ref.hpp>
#include <aio/base/source_location.hpp>
#include <aio/streams/detail/stream_reader_state.hpp>
#include <aio/task/waiter.hpp>

#include <coroutine>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// The awaitables of StreamReader. They live in the awaiting frame and allocate nothing; arguments are
/// checked when they are awaited, as in Python.
namespace aio::detail {

class ReadOperation : public LeafWaiter {
public:
    enum class Kind : std::uint8_t { some, fill, all, exactly, until, into };

    ReadOperation(ReadOperation&& other) noexcept  // before it is awaited
        : LeafWaiter(static_cast<LeafWaiter&&>(other)),
          state_(other.state_),
          wanted_(other.wanted_),
          kind_(other.kind_) {}
    ReadOperation& operator=(ReadOperation&&) = delete;

    template <std::derived_from<CoroutineBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiter, unsigned line = __builtin_LINE()) {
        begin(awaiter, line);
        state_->wait(*this);
    }
    std::string describe() const override;

    Kind kind() const noexcept { return kind_; }
    /// The function's name, for errors.
    virtual const char* name() const noexcept;
    /// Whether the operation can end with what is there. May do a part of its work.
    bool decided();
    /// Ends the wait with the reader's error.
    void fail() {
        trouble_ = Trouble::error;
        wake();
    }
    /// Woken, it has not gone on yet, and another task reads.
    void overtake() noexcept {
        if (trouble_ == Trouble::none) trouble_ = Trouble::overtaken;
    }

protected:
    ReadOperation(StreamReaderState& state, Kind kind, std::size_t wanted) noexcept
        : state_(&state), wanted_(wanted), kind_(kind) {}
    ~ReadOperation() { state_->leave(*this); }

    /// First thing in an await_resume at `at`: throws CancelledError or the reader's error.
    void finish_wait(SourceLocation at) {
        state_->leave(*this);
        end();
        if (trouble_ != Trouble::none) [[unlikely]]
            look_at_trouble(at);
    }
    /// Whether finish_wait() would do no more than finish_well().
    bool ends_well() const noexcept { return end_is_quiet() && trouble_ == Trouble::none; }
    void finish_well() noexcept {
        state_->leave(*this);
        set_finished();
    }
    /// Rule 1: somebody else took what had been there.
    [[noreturn]] void raise_overtaken(SourceLocation at) const;
    StreamReaderState& state() const noexcept { return *state_; }
    std::size_t wanted() const noexcept { return wanted_; }

private:
    enum class Trouble : std::uint8_t { none, error, overtaken };
    void withdraw() noexcept final { state_->leave(*this); }
    [[gnu::noinline]] void look_at_trouble(SourceLocation at);
    /// What it knows of the buffer need not be true any more.
    virtual void overtaken() noexcept {}

    Ref<StreamReaderState> state_;
    std::size_t wanted_;
    Kind kind_;
    Trouble trouble_ = Trouble::none;
};

/// read(n) and read(-1).
class ReadAwaiter final : public ReadOperation {
public:
    ReadAwaiter(StreamReaderState& state, std::ptrdiff_t n) noexcept
        : ReadOperation(state, n < 0 ? Kind::all : Kind::some,
                        n < 0 ? ~std::size_t{0} : static_cast<std::size_t>(n)) {}
    bool await_ready(SourceLocation at = SourceLocation::current());
    std::string await_resume(SourceLocation at = SourceLocation::current());

private:
    bool has_result() const noexcept;
};

class ReadExactlyAwaiter final : public ReadOperation {
public:
    ReadExactlyAwaiter(StreamReaderState& state, std::ptrdiff_t n) noexcept
        : ReadOperation(state, Kind::exactly, static_cast<std::size_t>(n)), negative_(n < 0) {}
    bool await_ready(SourceLocation at = SourceLocation::current());
    std::string await_resume(SourceLocation at = SourceLocation::current());

private:
    bool negative_;
};

/// What searches for a separator; each byte is looked at once.
class UntilOperation : public ReadOperation {
public:
    UntilOperation(UntilOperation&&) noexcept;
    UntilOperation& operator=(UntilOperation&&) = delete;
    bool await_ready(SourceLocation at = SourceLocation::current());
    /// Goes on searching in what is new. True if the search is over.
    bool search();

protected:
    ~UntilOperation();
    UntilOperation(StreamReaderState& state, std::string separator) noexcept;
    UntilOperation(StreamReaderState& state, std::vector<std::string> separators) noexcept;
    std::string take_chunk(SourceLocation at);
    std::string take_line(SourceLocation at);

private:
    enum class Outcome : std::uint8_t { open, found, overrun };
    void overtaken() noexcept final;
    std::span<const std::string> separators() const noexcept;
    void check_separators(SourceLocation at) const;
    bool found_within_limit() const noexcept {
        return outcome_ == Outcome::found && match_begin_ <= state().limit();
    }

    std::string separator_;
    std::vector<std::string> several_;
    std::size_t scanned_ = 0;  ///< no separator begins before this offset
    std::size_t match_begin_ = 0;
    std::size_t match_end_ = 0;
    Outcome outcome_ = Outcome::open;
    bool is_several_ = false;
};

class ReadUntilAwaiter final : public UntilOperation {
public:
    ReadUntilAwaiter(StreamReaderState& state, std::string separator) noexcept
        : UntilOperation(state, std::move(separator)) {}
    ReadUntilAwaiter(StreamReaderState& state, std::vector<std::string> separators) noexcept
        : UntilOperation(state, std::move(separators)) {}
    std::string await_resume(SourceLocation at = SourceLocation::current()) {
        finish_wait(at);
        return take_chunk(at);
    }
};

class ReadLineAwaiter final : public UntilOperation {
public:
    explicit ReadLineAwaiter(StreamReaderState& state) noexcept
        : UntilOperation(state, std::string(1, '\n')) {}
    std::string await_resume(SourceLocation at = SourceLocation::current()) {
        finish_wait(at);
        return take_line(at);
    }
};

class NextLineAwaiter final : public UntilOperation {
public:
    explicit NextLineAwaiter(StreamReaderState& state) noexcept
        : UntilOperation(state, std::string(1, '\n')) {}
    std::optional<std::string> await_resume(SourceLocation at = SourceLocation::current()) {
        finish_wait(at);
        std::string line = take_line(at);
        if (line.empty()) return std::nullopt;
        return line;
    }
};

class ReadIntoAwaiter final : public ReadOperation {
public:
    ReadIntoAwaiter(StreamReaderState& state, std::span<char> memory) noexcept
        : ReadOperation(state, Kind::into, memory.size()), memory_(memory) {}
    ReadIntoAwaiter(ReadIntoAwaiter&& other) noexcept
        : ReadOperation(static_cast<ReadOperation&&>(other)), memory_(other.memory_) {}
    ReadIntoAwaiter& operator=(ReadIntoAwaiter&&) = delete;
    bool await_ready(SourceLocation at = SourceLocation::current());
    std::size_t await_resume(SourceLocation at = SourceLocation::current());

    std::span<char> memory() const noexcept { return memory_; }
    /// `count` bytes were received straight into memory().
    void received(std::size_t count) noexcept { received_ = count; }
    bool has_data() const noexcept { return received_ > 0; }

private:
    std::span<char> memory_;
    std::size_t received_ = 0;
};

class ReadViewAwaiter final : public ReadOperation {
public:
    explicit ReadViewAwaiter(StreamReaderState& state) noexcept : ReadOperation(state, Kind::some, 1) {}
    bool await_ready(SourceLocation at = SourceLocation::current());
    BytesView await_resume(SourceLocation at = SourceLocation::current());

private:
    [[gnu::noinline]] bool ready_otherwise(SourceLocation at);
    [[gnu::noinline]] BytesView resume_otherwise(SourceLocation at);
    void overtaken() noexcept override { state().end_loan(); }
};

class NextChunkAwaiter final : public ReadOperation {
public:
    explicit NextChunkAwaiter(StreamReaderState& state) noexcept
        : ReadOperation(state, Kind::some, ~std::size_t{0}) {}
    bool await_ready(SourceLocation at = SourceLocation::current());
    std::optional<std::string> await_resume(SourceLocation at = SourceLocation::current());
    const char* name() const noexcept override { return "next_chunk"; }
};

class FillAwaiter final : public ReadOperation {
public:
    FillAwaiter(StreamReaderState& state, std::size_t at_least) noexcept
        : ReadOperation(state, at_least > 1 ? Kind::fill : Kind::some, at_least) {}
    bool await_ready(SourceLocation at = SourceLocation::current());
    BytesView await_resume(SourceLocation at = SourceLocation::current());
    const char* name() const noexcept override { return "fill"; }

private:
    [[gnu::noinline]] bool ready_otherwise(SourceLocation at);
    [[gnu::noinline]] BytesView resume_otherwise(SourceLocation at);
    void overtaken() noexcept override { state().end_loan(); }
    bool has_result() const noexcept { return state().buffer().size() >= wanted() || state().eof(); }
    [[noreturn]] void raise_overrun(SourceLocation at) const;
};

}  // namespace aio::detail
