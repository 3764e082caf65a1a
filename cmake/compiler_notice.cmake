# SPDX-License-Identifier: MIT
# aio_compiler_notice(<guide> <tool>): warns, once per configuration, that g++ before 13 miscompiles some coroutines.
# Nothing else tells its users: such programs compile without a word and crash when they run. AIO_GCC12_NOTICE=OFF
# silences it; programs that take aio from pkg-config are told by the linker (aio/compose/detail/gcc12_notice.hpp).
function(aio_compiler_notice guide tool)
    get_property(given GLOBAL PROPERTY AIO_GCC12_NOTICE_GIVEN)
    if(given OR (DEFINED AIO_GCC12_NOTICE AND NOT AIO_GCC12_NOTICE)
       OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU" OR CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
        return()
    endif()
    set_property(GLOBAL PROPERTY AIO_GCC12_NOTICE_GIVEN TRUE)
    message(WARNING
        "aio: g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles some ways to write coroutines, silently (g++ 13 and clang "
        "16 do not).\nWhich, and what to write instead:\n  ${guide}\nA tool that looks for them in your sources:\n"
        "  ${tool} FILE_OR_FOLDER...\nOn Debian 12, clang 19 is a package: -DCMAKE_CXX_COMPILER=clang++-19.\n"
        "AIO_GCC12_NOTICE=OFF silences this warning.")
endfunction()
