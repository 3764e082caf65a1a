# SPDX-License-Identifier: MIT
# Warnings are for those who work on aio. A user's build of the library stays silent: neither the flags
# nor -Werror reach a project that adds aio as a subfolder or links an installed aio.

set(AIO_COMMON_WARNINGS
    -Wall -Wextra -Wpedantic
    -Wconversion -Wno-sign-conversion  # clang counts the sign as a conversion, g++ does not
    -Woverloaded-virtual -Wnon-virtual-dtor
    -Wcast-align -Wcast-qual
    -Wextra-semi
    -Wformat=2
    -Wimplicit-fallthrough
    -Wunused)

set(AIO_CLANG_WARNINGS
    -Wshadow
    -Wheader-hygiene
    -Winconsistent-missing-override
    -Wloop-analysis
    -Wself-assign -Wself-move
    -Wthread-safety
    -Wunreachable-code-aggressive)

set(AIO_GNU_WARNINGS
    -Wshadow=local  # as clang's: a local may have the name of an inherited member
    -Wduplicated-cond -Wduplicated-branches  # not -Wlogical-op: EAGAIN || EWOULDBLOCK
    -Wredundant-move)

# What g++ finds only after inlining it also finds in correct coroutines: the frame is one struct whose
# fields it takes for objects that were never set or that are freed twice. g++ 12 at -O3 finds the same of
# strings. clang and the sanitizers look for the same mistakes without the false alarms.
set(AIO_GNU_FALSE_ALARMS
    -Wno-maybe-uninitialized
    -Wno-mismatched-new-delete
    -Wno-dangling-pointer
    -Wno-use-after-free
    -Wno-restrict)

# aio_warnings(<target>): turns our warnings on for one of our own targets.
function(aio_warnings target)
    # Also as a subfolder of a project that has asked for -Wall and -Werror.
    target_compile_options(${target} PRIVATE "$<$<CXX_COMPILER_ID:GNU>:${AIO_GNU_FALSE_ALARMS}>")
    if(NOT PROJECT_IS_TOP_LEVEL)
        return()
    endif()
    target_compile_options(${target} PRIVATE
        ${AIO_COMMON_WARNINGS}
        "$<$<CXX_COMPILER_ID:Clang>:${AIO_CLANG_WARNINGS}>"
        "$<$<CXX_COMPILER_ID:GNU>:${AIO_GNU_WARNINGS}>"
        "$<$<BOOL:${AIO_WERROR}>:-Werror>")
endfunction()
