# SPDX-License-Identifier: MIT
# Installs what find_package(aiocpp) reads, beside what aio_add_library() and aio_add_component() install.
include(CMakePackageConfigHelpers)

get_property(AIO_COMPONENTS GLOBAL PROPERTY AIO_COMPONENTS)
set(AIO_WITHOUT "")
foreach(part IN LISTS AIO_COMPONENTS)
    get_property(reason GLOBAL PROPERTY AIO_WITHOUT_${part})
    if(reason)
        string(APPEND AIO_WITHOUT "set(aiocpp_WITHOUT_${part} \"${reason}\")\n")
    endif()
endforeach()
list(JOIN AIO_COMPONENTS " " AIO_COMPONENTS)

configure_package_config_file(
    "${CMAKE_CURRENT_LIST_DIR}/aiocpp-config.cmake.in" "${PROJECT_BINARY_DIR}/aiocpp-config.cmake"
    INSTALL_DESTINATION ${AIO_CMAKE_DIR} PATH_VARS CMAKE_INSTALL_DOCDIR CMAKE_INSTALL_BINDIR)
# Before 1.0 a new minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/aiocpp-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/aiocpp-config.cmake"
              "${PROJECT_BINARY_DIR}/aiocpp-config-version.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/compiler_notice.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/dependency.cmake"
        DESTINATION ${AIO_CMAKE_DIR})
