# SPDX-License-Identifier: MIT
include("${CMAKE_CURRENT_LIST_DIR}/batches.cmake")

# Where find_package(aiocpp) looks in an installation.
set(AIO_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/aiocpp)

# aio_add_library(<target> EXPORT_NAME <name> OUTPUT_NAME <name> [REQUIRES <pkg-config module>...]
#                 [LIBS <flag>...] [DESCRIPTION <text>])
#
# Declares one of the project's libraries with everything they have in common: the alias
# aio::<EXPORT_NAME>, C++20, include paths, warnings, version, installation and a pkg-config file. Its
# sources come from aio_add_modules().
function(aio_add_library target)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "" "EXPORT_NAME;OUTPUT_NAME;DESCRIPTION" "REQUIRES;LIBS")

    add_library(${target})
    add_library(aio::${ARG_EXPORT_NAME} ALIAS ${target})
    set_target_properties(${target} PROPERTIES
        EXPORT_NAME ${ARG_EXPORT_NAME}
        OUTPUT_NAME ${ARG_OUTPUT_NAME}
        VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
    if(NOT DEFINED CMAKE_INSTALL_RPATH)
        # Shared, the libraries find each other wherever they are installed.
        set_target_properties(${target} PROPERTIES INSTALL_RPATH "$ORIGIN")
    endif()
    # So that the static library can become part of a user's shared object, a plugin or a Python module. Whoever builds
    # executables alone may turn it off: a task then takes 3 % fewer instructions, no time that could be measured.
    if(NOT DEFINED CMAKE_POSITION_INDEPENDENT_CODE)
        set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    endif()
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_include_directories(${target} PUBLIC
        "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>"
        "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
    # Each function can be left out by itself: who links the static library with --gc-sections gets what is used of it.
    target_compile_options(${target} PRIVATE -ffunction-sections -fdata-sections)
    # When one coroutine continues another g++ makes it a jump only with this option, which it turns on
    # by itself at -O2 alone; without the jump a long chain of awaits overflows the stack. It is public
    # because the calls are compiled in the user's sources.
    target_compile_options(${target} PUBLIC
        "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:-foptimize-sibling-calls>")
    # aio/base/detail/variable.hpp
    set(PC_CFLAGS "")
    if(BUILD_SHARED_LIBS)
        # Also as a subfolder of a project whose own symbols are hidden.
        set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET default VISIBILITY_INLINES_HIDDEN OFF)
        target_compile_definitions(${target} PUBLIC AIO_SHARED)
        set(PC_CFLAGS -DAIO_SHARED)
    endif()
    aio_warnings(${target})

    # An export file of its own: find_package(aiocpp) loads the libraries one by one.
    install(TARGETS ${target} EXPORT ${ARG_OUTPUT_NAME}-targets
            ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
            LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
            RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    install(EXPORT ${ARG_OUTPUT_NAME}-targets NAMESPACE aio:: DESTINATION ${AIO_CMAKE_DIR})

    # Paths in the .pc file are relative to it, so that an installed tree can be moved.
    cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_LIBDIR BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}"
               OUTPUT_VARIABLE libdir)
    cmake_path(APPEND libdir pkgconfig OUTPUT_VARIABLE pcdir)
    cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY "${pcdir}" OUTPUT_VARIABLE PC_PREFIX)
    set(PC_NAME ${ARG_OUTPUT_NAME})
    set(PC_DESCRIPTION ${ARG_DESCRIPTION})
    list(JOIN ARG_REQUIRES ", " PC_REQUIRES)
    list(JOIN ARG_LIBS " " PC_LIBS)
    configure_file("${CMAKE_CURRENT_FUNCTION_LIST_DIR}/library.pc.in"
                   "${PROJECT_BINARY_DIR}/${ARG_OUTPUT_NAME}.pc" @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/${ARG_OUTPUT_NAME}.pc"
            DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

# aio_add_modules(<module>...): builds and installs what the folders aio/<module> hold. Each lists its sources in
# its CMakeLists.txt; tools/check_sources_listed.py compares the lists with the folders.
function(aio_add_modules)
    foreach(module IN LISTS ARGN)
        add_subdirectory("${PROJECT_SOURCE_DIR}/aio/${module}" "${PROJECT_BINARY_DIR}/aio/${module}")
        install(DIRECTORY "${PROJECT_SOURCE_DIR}/aio/${module}" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/aio
                FILES_MATCHING PATTERN "*.hpp" PATTERN "*_impl.hpp" EXCLUDE)
        install(FILES "${PROJECT_SOURCE_DIR}/aio/${module}.hpp" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/aio OPTIONAL)
    endforeach()
endfunction()
