// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/traceback_table.hpp>
#include <aio/base/source_location.hpp>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace aio {

/// A coroutine that an error passed on its way, and where it was then. Mirrors traceback.FrameSummary.
struct FrameSummary {
    using Place = detail::ErrorPlace;

    SourceLocation location;  ///< the function, and the file with the folder that the compiler was given
    unsigned line;
    Place place;  ///< what is in this line

    /// The function's name, as function_name() gives it.
    std::string name() const { return function_name(location); }
    /// The file's name without its folder.
    const char* file() const noexcept { return file_name(location); }
    /// As format_exception() shows it, without a line feed.
    std::string str() const;
};

/// The coroutines that an error has passed so far, outermost first and the one that threw it last. Empty if
/// it has passed none, if there was no memory, on 32-bit machines, and for a CancelledError outside of debug
/// mode. Mirrors traceback.extract_tb().
///
/// Each coroutine that the error came to by a co_await is there with the line of that; the innermost, which
/// threw it, with the line of the last co_await at which it waited or, if it has not waited, of the function,
/// because C++ does not tell where a throw is. Of more than a thousand the outermost and the innermost ones
/// are kept. Threads: any.
std::vector<FrameSummary> traceback(const std::exception_ptr& error);

/// The error as Python shows it: its traceback, most recent call last, then type and text. What led to it
/// (std::throw_with_nested()) comes before; of a group every error in it, as a tree. Without a line feed at
/// the end. In a catch block it can be called without an argument. Mirrors traceback.format_exception() and
/// format_exc(). Threads: any.
std::string format_exception(const std::exception_ptr& error = std::current_exception());

/// Writes that, and a line feed, to `stream`; by default to stderr. Mirrors traceback.print_exception().
void print_exception(const std::exception_ptr& error = std::current_exception(), std::FILE* stream = nullptr);

}  // namespace aio
