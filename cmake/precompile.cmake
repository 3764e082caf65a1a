# SPDX-License-Identifier: MIT

# aio_precompile(<target> LIBRARIES <library>... HEADERS <header>...): makes an object library out of the headers, for
# others to say target_precompile_headers(<other> REUSE_FROM <target>). These need the same compile options.
function(aio_precompile target)
    cmake_parse_arguments(PARSE_ARGV 1 given "" "" "LIBRARIES;HEADERS")
    set(source "${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "// Nothing but the precompiled headers.\n")
    add_library(${target} OBJECT "${source}")
    target_link_libraries(${target} PRIVATE ${given_LIBRARIES})
    aio_warnings(${target})
    target_precompile_headers(${target} PRIVATE ${given_HEADERS})
endfunction()
