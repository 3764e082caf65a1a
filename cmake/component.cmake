# SPDX-License-Identifier: MIT
# The parts of aio that are libraries of their own. Global properties keep what was declared: AIO_COMPONENTS
# lists the parts, AIO_PART_OF_<module> names that of a module called otherwise, AIO_WITHOUT_<name> says why one is not built, AIO_DEPENDENCY_<name>... describe libraries.

# aio_declare_dependency(<name> ...): a library that parts may need, with aio_find_dependency()'s arguments.
# PKG_CONFIG also stands for it in the parts' pkg-config files; LIBS does for one that has no such module.
# Nothing is looked for before a part needs it.
function(aio_declare_dependency name)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "" "PKG_CONFIG;VERSION" "PACKAGE;TARGETS;LIBS;DEBIAN")
    if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_DEBIAN OR (ARG_PACKAGE AND NOT ARG_TARGETS)
       OR (NOT ARG_PKG_CONFIG AND NOT (ARG_PACKAGE AND ARG_LIBS)))
        message(FATAL_ERROR "aio_declare_dependency(${name}): cmake/dependency.cmake describes its arguments")
    endif()
    set(pc ${ARG_PKG_CONFIG})
    if(pc AND ARG_VERSION)
        string(APPEND pc " >= ${ARG_VERSION}")
    endif()
    if(NOT ARG_PACKAGE)
        string(MAKE_C_IDENTIFIER "AIO_${name}" prefix)
        set(ARG_TARGETS PkgConfig::${prefix})
    endif()
    set_property(GLOBAL PROPERTY AIO_DEPENDENCY_${name} "${ARGN}")
    set_property(GLOBAL PROPERTY AIO_DEPENDENCY_${name}_TARGETS "${ARG_TARGETS}")
    set_property(GLOBAL PROPERTY AIO_DEPENDENCY_${name}_PC "${pc}")
    set_property(GLOBAL PROPERTY AIO_DEPENDENCY_${name}_LIBS "${ARG_LIBS}")
endfunction()

# aio_add_component(<name> DESCRIPTION <text> [NEEDS <dependency>...] [PUBLIC_NEEDS <dependency>...] [REQUIRES <part>...]
#                   [MODULES <module>...])
#
# Declares the part aio::<name> and its option AIO_WITH_<NAME>. If that and what it needs allow, the part is
# built from aio/<module> (by default aio/<name>) as the target aio_<name>: a library of its own with a
# pkg-config file, aiocpp-<name>, and with files for find_package(aiocpp COMPONENTS <name>). PUBLIC_NEEDS are those
# that a header of the part includes: whoever uses the part uses them too.
function(aio_add_component name)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "" "DESCRIPTION" "NEEDS;PUBLIC_NEEDS;REQUIRES;MODULES")
    set_property(GLOBAL APPEND PROPERTY AIO_COMPONENTS ${name})
    foreach(module IN LISTS ARG_MODULES)
        set_property(GLOBAL PROPERTY AIO_PART_OF_${module} ${name})
    endforeach()
    string(TOUPPER "AIO_WITH_${name}" option)
    aio_component_option(${option} ${name} wanted)
    if(wanted STREQUAL "OFF")
        set_property(GLOBAL PROPERTY AIO_WITHOUT_${name} "${option} was OFF")
        return()
    endif()

    set(missing "")
    foreach(part IN LISTS ARG_REQUIRES)
        if(NOT TARGET aio_${part})
            list(APPEND missing "aio::${part} is not built")
        endif()
    endforeach()
    foreach(dependency IN LISTS ARG_NEEDS ARG_PUBLIC_NEEDS)
        get_property(arguments GLOBAL PROPERTY AIO_DEPENDENCY_${dependency})
        if(NOT arguments)
            message(FATAL_ERROR "aio_add_component(${name}): ${dependency} is not declared")
        endif()
        aio_find_dependency(missing ${dependency} ${arguments})
    endforeach()
    list(JOIN missing " and " missing)
    if(missing STREQUAL "")
        aio_build_component(${ARGV})
    elseif(wanted STREQUAL "ON")
        message(FATAL_ERROR "aio: ${option} is ON, but ${missing}.\n"
                            "Install what is missing, or leave aio::${name} out with -D${option}=OFF.")
    else()
        message(STATUS "aio: without aio::${name}: ${missing}; ${option}=OFF silences this")
        set_property(GLOBAL PROPERTY AIO_WITHOUT_${name} "${missing}")
    endif()
endfunction()

# The option of a part; <wanted> becomes AUTO, ON or OFF.
function(aio_component_option option name wanted)
    set(${option} AUTO CACHE STRING "Build aio::${name}: AUTO (if what it needs is there), ON (fail if not), OFF")
    set_property(CACHE ${option} PROPERTY STRINGS AUTO ON OFF)
    string(TOUPPER "${${option}}" value)
    if(value MATCHES "^(ON|YES|TRUE|1)$")
        set(value ON)
    elseif(value MATCHES "^(OFF|NO|FALSE|0)$")
        set(value OFF)
    elseif(NOT value STREQUAL "AUTO")
        message(FATAL_ERROR "aio: ${option} is \"${${option}}\"; it can be AUTO, ON or OFF.")
    endif()
    set(${wanted} ${value} PARENT_SCOPE)
endfunction()

# Builds and installs a part that has all it needs; the arguments are aio_add_component()'s.
function(aio_build_component name)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "" "DESCRIPTION" "NEEDS;PUBLIC_NEEDS;REQUIRES;MODULES")
    set(pc_requires aiocpp)
    set(pc_libs "")
    set(targets "")
    set(public_targets "")
    set(AIO_PART ${name})
    list(JOIN ARG_REQUIRES " " AIO_PART_REQUIRES)
    set(AIO_PART_SEARCH "")
    foreach(dependency IN LISTS ARG_NEEDS ARG_PUBLIC_NEEDS)
        foreach(property IN ITEMS "" _TARGETS _PC _LIBS)
            get_property(need${property} GLOBAL PROPERTY AIO_DEPENDENCY_${dependency}${property})
        endforeach()
        if(dependency IN_LIST ARG_PUBLIC_NEEDS)
            list(APPEND public_targets ${need_TARGETS})
        else()
            list(APPEND targets ${need_TARGETS})
        endif()
        # A shared library has what it needs in itself, unless a header of ours includes the other library's.
        # Whoever links a static one links that too.
        if(NOT BUILD_SHARED_LIBS OR dependency IN_LIST ARG_PUBLIC_NEEDS)
            list(APPEND pc_requires ${need_PC})
            list(APPEND pc_libs ${need_LIBS})
            list(JOIN need " " arguments)
            string(APPEND AIO_PART_SEARCH "aio_find_dependency(missing ${dependency} ${arguments})\n")
        endif()
    endforeach()
    set(parts "")
    foreach(part IN LISTS ARG_REQUIRES)
        list(APPEND parts aio_${part})
        list(APPEND pc_requires aiocpp-${part})
    endforeach()

    aio_add_library(aio_${name} EXPORT_NAME ${name} OUTPUT_NAME aiocpp-${name} REQUIRES ${pc_requires}
                    LIBS ${pc_libs} DESCRIPTION "${ARG_DESCRIPTION}")
    target_link_libraries(aio_${name} PUBLIC aio ${parts} ${public_targets} PRIVATE ${targets})
    if(NOT ARG_MODULES)
        set(ARG_MODULES ${name})
    endif()
    aio_add_modules(${ARG_MODULES})
    aio_batch(aio_${name})

    configure_file("${CMAKE_CURRENT_FUNCTION_LIST_DIR}/aiocpp-component.cmake.in"
                   "${PROJECT_BINARY_DIR}/aiocpp-${name}.cmake" @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/aiocpp-${name}.cmake" DESTINATION ${AIO_CMAKE_DIR})
endfunction()
