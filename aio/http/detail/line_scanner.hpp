// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <cstddef>
#include <string_view>

namespace aio::http::detail {

/// Limits of a section of lines, in bytes without the ends of lines, and what is thrown of them.
struct LineLimits {
    std::size_t first;          ///< of the first line
    std::size_t line;           ///< of each other
    std::size_t count;          ///< how many lines
    std::size_t total;          ///< all lines and their ends
    int first_code;             ///< the status for a first line that is too long
    const char* name_of_first;  ///< "request line"
    const char* name;           ///< "header fields"
};

/// Finds the end of a section of lines, a head or trailers, in bytes that come piece by piece. It looks at no
/// byte twice and decides by the bytes' places alone, so that it does not matter how they were cut.
class LineScanner {
public:
    /// Whether the empty line that ends the section is in `data`, which begins with the section and has at
    /// least the bytes of the last call. Throws LineTooLong; BadHttpMessage for a CR or LF that stands alone;
    /// InvalidHeader for a line that continues another one or begins with a colon.
    bool scan(std::string_view data, const LineLimits& limits);

    /// Once scan() gave true: how many bytes the section has, the empty line included.
    std::size_t size() const noexcept { return line_; }
    /// How many lines are complete, the empty one not counted.
    std::size_t lines() const noexcept { return lines_; }
    /// How long the first line is, without its end.
    std::size_t first_line() const noexcept { return first_line_; }
    /// Where the first line of `data` ends: at a CR or LF, or with the data.
    static std::size_t line_size(std::string_view data) noexcept;
    /// Begins anew, with the next section.
    void reset() noexcept { *this = LineScanner(); }

private:
    /// Throws if the line that `rest` begins with cannot become a good one.
    void check_line(std::string_view rest, const LineLimits& limits) const;

    std::size_t line_ = 0;     // where the line begins that is looked at
    std::size_t scanned_ = 0;  // up to where it has no end
    std::size_t lines_ = 0;
    std::size_t first_line_ = 0;
};

}  // namespace aio::http::detail
