// SPDX-License-Identifier: MIT
#include <aio/compose/detail/gcc12_notice.hpp>

// The GNU linker prints what stands in a section of this name when somebody refers to the symbol. Whatever
// compiler the library is built with: what matters is the user's. In assembler, because AddressSanitizer
// would refer to a variable there, in a section that the linker discards.
__asm__(
    ".pushsection .gnu.warning.aio_gcc12_notice,\"\",%progbits\n"
    ".asciz \"aio: g++ 12 miscompiles some ways to write coroutines, silently (g++ 13 and clang 16 do not). "
    "Which, and "
    "what to write instead: share/doc/aiocpp/footguns.md; `aio-check-gcc12 FILE...` looks for them. "
    "-DAIO_GCC12_NOTICE=0 silences this\"\n"
    ".popsection\n"
    ".pushsection .rodata\n"
    ".globl aio_gcc12_notice\n"
    ".type aio_gcc12_notice,%object\n"
    ".size aio_gcc12_notice,1\n"
    "aio_gcc12_notice: .byte 0\n"
    ".popsection\n");
