# SPDX-License-Identifier: MIT
# What `cmake --install` puts in place beside the libraries: headers, the files for find_package(aiocpp),
# and the guide that the compiler notice points to.
include(CMakePackageConfigHelpers)

set(AIO_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/aiocpp)

install(DIRECTORY "${PROJECT_SOURCE_DIR}/aio/" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/aio
        FILES_MATCHING PATTERN "*.hpp" PATTERN "*_impl.hpp" EXCLUDE)
install(FILES "${PROJECT_SOURCE_DIR}/docs/footguns.md" "${PROJECT_SOURCE_DIR}/LICENSE"
        DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(EXPORT aiocpp-targets NAMESPACE aio:: FILE aiocpp-targets.cmake DESTINATION ${AIO_CMAKE_DIR})
configure_package_config_file(
    "${PROJECT_SOURCE_DIR}/cmake/aiocpp-config.cmake.in" "${PROJECT_BINARY_DIR}/aiocpp-config.cmake"
    INSTALL_DESTINATION ${AIO_CMAKE_DIR} PATH_VARS CMAKE_INSTALL_DOCDIR)
# Before 1.0 a new minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/aiocpp-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/aiocpp-config.cmake"
              "${PROJECT_BINARY_DIR}/aiocpp-config-version.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/compiler_notice.cmake"
        DESTINATION ${AIO_CMAKE_DIR})
