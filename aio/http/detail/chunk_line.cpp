// SPDX-License-Identifier: MIT
#include <aio/base/detail/repr.hpp>
#include <aio/http/detail/chunk_line.hpp>
#include <aio/http/error.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/syntax_impl.hpp>

#include <string>

namespace aio::http::detail {
namespace {

[[noreturn]] void unexpected(char c, const char* where) {
    throw TransferEncodingError("unexpected " + aio::detail::repr_of(std::string_view(&c, 1)) + " in " +
                                where);
}

bool is_text(char c) noexcept { return c == '\t' || !syntax::is_control(c); }

}  // namespace

std::size_t ChunkLine::read(std::string_view data, std::size_t max_extensions) {
    std::size_t i = 0;
    while (i < data.size() && state_ != State::complete) {
        const char c = data[i++];
        state_ = after(c);
        if (state_ == State::name && c == ';') part_empty_ = true;
        const bool extension = state_ != State::size && state_ != State::lf && state_ != State::complete;
        if (extension && ++extensions_ > max_extensions) {
            throw LineTooLong(
                "the chunk extensions have more than " + std::to_string(max_extensions) + " bytes", 413);
        }
    }
    return i;
}

ChunkLine::State ChunkLine::after(char c) {
    switch (state_) {
        case State::size:
            return after_size(c);
        case State::name:
            if (c == '=' && !part_empty_) return State::value_begin;
            return after_part(c, !part_empty_);
        case State::value_begin:
            if (c == '"') return State::quoted;
            return after_part(c, false);
        case State::value:
            return after_part(c, true);
        case State::quoted:
            if (c == '"') return State::quote_end;
            if (c == '\\') return State::escaped;
            if (!is_text(c)) unexpected(c, "a chunk extension");
            return State::quoted;
        case State::escaped:
            if (!is_text(c)) unexpected(c, "a chunk extension");
            return State::quoted;
        case State::quote_end:
            if (c == ';') return State::name;
            if (c == '\r') return State::lf;
            unexpected(c, "a chunk extension");
        case State::lf:
            if (c != '\n') unexpected(c, "the end of a chunk size line");
            return State::complete;
        case State::complete:
            break;
    }
    return State::complete;
}

ChunkLine::State ChunkLine::after_size(char c) {
    const int digit = syntax::hex_digit(c);
    if (digit >= 0) {
        if (++digits_ > 16) throw TransferEncodingError("a chunk size has more than 16 digits");
        size_ = size_ * 16 + static_cast<unsigned>(digit);
        return State::size;
    }
    if (digits_ > 0 && c == ';') return State::name;
    if (digits_ > 0 && c == '\r') return State::lf;
    unexpected(c, "a chunk size");
}

// Within a name or a value without quotes, which may end if it is `complete`.
ChunkLine::State ChunkLine::after_part(char c, bool complete) {
    if (is_token_char(c)) {
        part_empty_ = false;
        return state_ == State::value_begin ? State::value : state_;
    }
    if (complete && c == ';') return State::name;
    if (complete && c == '\r') return State::lf;
    unexpected(c, "a chunk extension");
}

}  // namespace aio::http::detail
