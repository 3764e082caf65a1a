# SPDX-License-Identifier: MIT
# aio_add_library(<target> EXPORT_NAME <name> OUTPUT_NAME <name> [REQUIRES <pkg-config modules>]
#                 [DESCRIPTION <text>])
#
# Declares one of the project's libraries with everything they have in common: the alias
# aio::<EXPORT_NAME>, C++20, include paths, warnings, version, installation and a pkg-config file. Its
# sources come from aio/<module>/CMakeLists.txt by target_sources().
function(aio_add_library target)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "" "EXPORT_NAME;OUTPUT_NAME;REQUIRES;DESCRIPTION" "")

    add_library(${target})
    add_library(aio::${ARG_EXPORT_NAME} ALIAS ${target})
    set_target_properties(${target} PROPERTIES
        EXPORT_NAME ${ARG_EXPORT_NAME}
        OUTPUT_NAME ${ARG_OUTPUT_NAME}
        VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_include_directories(${target} PUBLIC
        "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>"
        "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
    # When one coroutine continues another g++ makes it a jump only with this option, which it turns on
    # by itself at -O2 alone; without the jump a long chain of awaits overflows the stack. It is public
    # because the calls are compiled in the user's sources.
    target_compile_options(${target} PUBLIC
        "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:-foptimize-sibling-calls>")
    aio_warnings(${target})

    install(TARGETS ${target} EXPORT aiocpp-targets
            ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
            LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
            RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

    # Paths in the .pc file are relative to it, so that an installed tree can be moved.
    cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_LIBDIR BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}"
               OUTPUT_VARIABLE libdir)
    cmake_path(APPEND libdir pkgconfig OUTPUT_VARIABLE pcdir)
    cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY "${pcdir}" OUTPUT_VARIABLE PC_PREFIX)
    set(PC_NAME ${ARG_OUTPUT_NAME})
    set(PC_DESCRIPTION ${ARG_DESCRIPTION})
    set(PC_REQUIRES ${ARG_REQUIRES})
    configure_file("${PROJECT_SOURCE_DIR}/cmake/library.pc.in"
                   "${PROJECT_BINARY_DIR}/${ARG_OUTPUT_NAME}.pc" @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/${ARG_OUTPUT_NAME}.pc"
            DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
