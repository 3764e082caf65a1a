# SPDX-License-Identifier: MIT
if(AIO_PCH)
    find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
    # CMake hands the file to clang's front end (-Xclang), where ccache does not make paths relative.
    set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -include-pch <PCH_FILE>)
endif()

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
    # Compiled anew in each build folder, because clang writes absolute paths into the result; what is compiled with it is
    # known to ccache by the checksum that the script leaves beside it (CCACHE_PCH_EXTSUM).
    if(CMAKE_CXX_COMPILER_LAUNCHER)
        set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER
            "${Python3_EXECUTABLE};-B;${PROJECT_SOURCE_DIR}/tools/dev/compile_pch.py;${PROJECT_SOURCE_DIR}")
    endif()
endfunction()
