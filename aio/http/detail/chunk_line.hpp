// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aio::http::detail {

/// Reads the line before each chunk, "1f;name=value\r\n", byte by byte: so it can stop anywhere and keeps no
/// text.
class ChunkLine {
public:
    /// Takes bytes up to the end of the line; gives how many. Throws TransferEncodingError for what is not a
    /// size in at most 16 hexadecimal digits and well-formed extensions, LineTooLong if the extensions of all
    /// chunks exceed `max_extensions`.
    std::size_t read(std::string_view data, std::size_t max_extensions);

    bool complete() const noexcept { return state_ == State::complete; }
    /// Of the chunk, in bytes; 0 is the last one.
    std::uint64_t size() const noexcept { return size_; }
    /// Begins the next line.
    void next() noexcept {
        state_ = State::size;
        size_ = 0;
        digits_ = 0;
    }

private:
    enum class State : std::uint8_t {
        size,
        name,
        value_begin,
        value,
        quoted,
        escaped,
        quote_end,
        lf,
        complete
    };
    State after(char c);
    State after_size(char c);
    State after_part(char c, bool complete);

    std::uint64_t size_ = 0;
    std::size_t extensions_ = 0;  // bytes, of all lines
    State state_ = State::size;
    bool part_empty_ = true;
    std::uint8_t digits_ = 0;
};

}  // namespace aio::http::detail
