// SPDX-License-Identifier: MIT
#include <aio/compose/detail/gcc12_notice.hpp>

const char aio_gcc12_notice = 0;  // whatever compiler the library is built with: what matters is the user's

namespace {
// The GNU linker prints what stands in a section of this name when somebody refers to the symbol.
[[gnu::used, gnu::section(".gnu.warning.aio_gcc12_notice")]] const char text[] =
    "aio: g++ 12 miscompiles some ways to write coroutines, silently (g++ 13 and clang 16 do not). Which, "
    "and what to "
    "write instead: share/doc/aiocpp/footguns.md; `aio-check-gcc12 FILE...` looks for them. "
    "-DAIO_GCC12_NOTICE=0 "
    "silences this";
}  // namespace
