# SPDX-License-Identifier: BSD-3-Clause
#
# CMake for Eft: cmake -DCMAKE_TOOLCHAIN_FILE=…/share/eft.cmake
#
# CMAKE_SYSTEM_NAME is not set: an image runs on the host, as tests of projects
# and programs that make sources do. Libraries are those of the sysroot and of
# CMAKE_PREFIX_PATH, never the host's.
get_filename_component(EFT_SYSROOT "${CMAKE_CURRENT_LIST_DIR}" DIRECTORY)

set(CMAKE_C_COMPILER "${EFT_SYSROOT}/bin/eft-cc")
set(PKG_CONFIG_EXECUTABLE "${EFT_SYSROOT}/bin/eft-pkg-config" CACHE FILEPATH "")

# A project may name C++ without a file of it. One that has files is refused by
# the compiler, which CMake is not to try before.
set(CMAKE_CXX_COMPILER "${CMAKE_C_COMPILER}")
set(CMAKE_CXX_COMPILER_WORKS TRUE)

set(CMAKE_FIND_ROOT_PATH "${EFT_SYSROOT}" ${CMAKE_PREFIX_PATH})
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)

set(BUILD_SHARED_LIBS OFF CACHE BOOL "An image loads no shared library")
