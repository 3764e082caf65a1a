// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

/// Zero where the notice is not wanted. With CMake it is, because configuring has told already.
#ifndef AIO_GCC12_NOTICE
#define AIO_GCC12_NOTICE 1
#endif

extern "C" {
[[gnu::visibility("default")]] extern const char aio_gcc12_notice;
}

namespace aio::detail {
/// A program that calls this and is compiled by g++ 12 refers to a symbol of which the linker warns, once,
/// when the program is linked: pkg-config does not know the compiler, and a #warning would come with every
/// source, and stop those who compile with -Werror.
inline void notice_gcc12() noexcept {
#if AIO_GCC12_NOTICE && !defined(__clang__) && __GNUC__ < 13
    __asm__ volatile("" : : "r"(&aio_gcc12_notice));
#endif
}
}  // namespace aio::detail
