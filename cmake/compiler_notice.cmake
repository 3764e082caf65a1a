# SPDX-License-Identifier: MIT
# aio_compiler_notice(<guide>): says once per build folder that g++ before 13 miscompiles some coroutines.
# Nothing else tells its users: such programs compile without a word and crash when they run.
function(aio_compiler_notice guide)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13
       AND NOT AIO_COMPILER_NOTICE_SHOWN)
        set(AIO_COMPILER_NOTICE_SHOWN TRUE CACHE INTERNAL "the notice about g++ < 13 was given")
        message(NOTICE
            "-- aio: g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles some ways to write coroutines "
            "(fixed in g++ 13; clang 16 and newer are right).\n"
            "--      Which ones, and what to write instead: ${guide}")
    endif()
endfunction()
