# SPDX-License-Identifier: MIT
# llhttp, which splits HTTP heads: the system's library, 9 or newer, or the C sources of it that Debian 12 has in node-llhttp. These
# are compiled into aio::http, so that its users need neither. Sets AIO_LLHTTP to what the part NEEDS: "llhttp", or nothing if
# the sources are compiled in, by aio_add_llhttp(). To be included at the top, where a language can be enabled.

aio_declare_dependency(llhttp PKG_CONFIG libllhttp VERSION 9 DEBIAN node-llhttp)
set(AIO_LLHTTP llhttp)
if(DEFINED AIO_WITH_HTTP AND NOT AIO_WITH_HTTP MATCHES "^[Aa][Uu][Tt][Oo]$" AND NOT AIO_WITH_HTTP)
    return()
endif()
set(AIO_LLHTTP_MISSING "")
aio_find_dependency(AIO_LLHTTP_MISSING llhttp PKG_CONFIG libllhttp VERSION 9 DEBIAN node-llhttp)
if(AIO_LLHTTP_MISSING STREQUAL "")
    return()
endif()
find_path(AIO_LLHTTP_INCLUDE llhttp.h PATHS /usr/share/include PATH_SUFFIXES llhttp)
find_path(AIO_LLHTTP_SOURCES llhttp.c PATHS /usr/share PATH_SUFFIXES llhttp)
mark_as_advanced(AIO_LLHTTP_INCLUDE AIO_LLHTTP_SOURCES)
if(AIO_LLHTTP_INCLUDE AND AIO_LLHTTP_SOURCES)
    enable_language(C)
    set(AIO_LLHTTP "")
endif()

# aio_add_llhttp(<target>): compiles the sources into the target if they are what AIO_LLHTTP stands for. Their names get a prefix:
# a program may link another llhttp beside ours.
function(aio_add_llhttp target)
    if(AIO_LLHTTP)
        return()
    endif()
    set(names "")
    foreach(file IN ITEMS "${AIO_LLHTTP_INCLUDE}/llhttp.h" "${AIO_LLHTTP_SOURCES}/api.c"
            "${AIO_LLHTTP_SOURCES}/http.c" "${AIO_LLHTTP_SOURCES}/llhttp.c")
        file(STRINGS "${file}" lines REGEX "^[A-Za-z].*llhttp_[a-z0-9_]+\\(")
        string(REGEX MATCHALL "llhttp_[a-z0-9_]+\\(" found "${lines}")
        list(APPEND names ${found})
    endforeach()
    list(REMOVE_DUPLICATES names)
    list(SORT names)
    list(TRANSFORM names REPLACE "(.*)\\(" "#define \\1 aio_\\1")
    list(JOIN names "\n" text)
    set(prefix "${PROJECT_BINARY_DIR}/llhttp/aio_llhttp_names.h")
    file(CONFIGURE OUTPUT "${prefix}" CONTENT "${text}\n")

    add_library(aio_llhttp OBJECT "${AIO_LLHTTP_SOURCES}/api.c" "${AIO_LLHTTP_SOURCES}/http.c" "${AIO_LLHTTP_SOURCES}/llhttp.c")
    # The strict half of the sources; 9 and newer have no other.
    target_compile_definitions(aio_llhttp PRIVATE LLHTTP_STRICT_MODE=1)
    target_include_directories(aio_llhttp PRIVATE "${AIO_LLHTTP_INCLUDE}")
    target_compile_options(aio_llhttp PRIVATE -w -include "${prefix}")
    set_target_properties(aio_llhttp PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:aio_llhttp>)
    target_compile_definitions(${target} PRIVATE LLHTTP_STRICT_MODE=1)
    target_include_directories(${target} SYSTEM PRIVATE "${AIO_LLHTTP_INCLUDE}" "${PROJECT_BINARY_DIR}/llhttp")
    target_compile_definitions(${target} PRIVATE AIO_LLHTTP_NAMES=<aio_llhttp_names.h>)
endfunction()
