// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/source_location.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

/// Where the ways of errors through coroutines are written down (traceback.hpp).
///
/// A traceback belongs to the exception object, as in Python, and ends with it: each time an error is thrown
/// into a coroutine or leaves one, a step is added to the object's entry in a table. So errors keep it
/// wherever they go, also in a std::exception_ptr of somebody else, and nothing is kept anywhere while
/// nothing is thrown. The functions never fail: without memory a step is missing.
/// Threads: any.

// AIO_THROWS_INLINE: a function that throws is part of its caller, because each frame more on the way costs
// the unwinder a quarter of a microsecond. Not with AddressSanitizer, which gives every inlined variable room
// of its own in the caller's frame: recursion would be a third less deep.
#if defined(__SANITIZE_ADDRESS__)
#define AIO_THROWS_INLINE
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AIO_THROWS_INLINE
#endif
#endif
#ifndef AIO_THROWS_INLINE
#define AIO_THROWS_INLINE gnu::always_inline
#endif

namespace aio::detail {

/// What a step knows of the place.
enum class ErrorPlace : std::uint8_t {
    await,        ///< the line of the co_await that the error came out of
    after_await,  ///< it was thrown between that co_await and the next one that waited
    somewhere,    ///< the coroutine function's first line (clang) or last one (g++): it has not waited yet
};

/// `error` goes on into the coroutine that awaits at `at`; if that has no line, nothing is known.
[[gnu::cold]] void note_thrown_at(SourceLocation at, const std::exception_ptr& error) noexcept;

/// Throws it there.
[[noreturn, AIO_THROWS_INLINE]] inline void rethrow_at(SourceLocation at, const std::exception_ptr& error) {
    note_thrown_at(at, error);
    std::rethrow_exception(error);
}

/// The same for an error that begins here.
template <class E>
[[noreturn, gnu::cold]] void throw_at(SourceLocation at, E error) {
    rethrow_at(at, std::make_exception_ptr(std::move(error)));
}

/// `error` is to be thrown in the stead of `cause`, whose way becomes its own.
[[gnu::cold]] void inherit_traceback(const std::exception_ptr& error,
                                     const std::exception_ptr& cause) noexcept;

/// `error` leaves the coroutine function `coroutine`, which waited last in line `await_line`, 0: not yet, or
/// not known. `stands_in`: it only goes by that name.
[[gnu::cold]] void note_left_by(SourceLocation coroutine, unsigned await_line, bool stands_in,
                                const std::exception_ptr& error) noexcept;

/// `holder` keeps `error` for several who will throw it, each of them with the way that it has had up to now.
[[gnu::cold]] void keep_traceback(const void* holder, const std::exception_ptr& error) noexcept;
/// Its holder lets go of it.
[[gnu::cold]] void forget_traceback(const void* holder, const std::exception_ptr& error) noexcept;
/// Its holder is about to throw it, into the coroutine that awaits at `at` if that has a line.
[[gnu::cold]] void note_kept(const void* holder, SourceLocation at, const std::exception_ptr& error) noexcept;
[[noreturn, AIO_THROWS_INLINE]] inline void rethrow_kept(const void* holder, SourceLocation at,
                                                         const std::exception_ptr& error) {
    note_kept(holder, at, error);
    std::rethrow_exception(error);
}

/// For tests: how many errors have a traceback.
std::size_t live_tracebacks() noexcept;

}  // namespace aio::detail
