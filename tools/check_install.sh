#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs a build, moves it elsewhere, and builds and runs small programs against it as a user would: with
# find_package(aiocpp) and with pkg-config, each with clang 19 and g++, in empty folders.
#
# usage: check_install.sh BUILD_FOLDER
set -euo pipefail

if [ $# -ne 1 ] || [ "$1" = --help ]; then
    sed -n '3,7s/^# \{0,1\}//p' "$0"
    exit 2
fi
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/prefix" # nothing in it may remember where it was installed
prefix=$work/prefix

private=$(find "$prefix" -name '*_impl.hpp')
if [ -n "$private" ]; then
    echo "private headers were installed: $private"
    exit 1
fi
strangers=$(find "$prefix" -type f | sed "s|^$prefix/||" |
    grep -vE '^include/aio/.*\.hpp$|^lib/.*libaiocpp(-testing)?\.(a|so[.0-9]*)$|^lib/.*/pkgconfig/aiocpp(-testing)?\.pc$|^lib/.*/cmake/aiocpp/|^share/doc/aiocpp/|^lib/(cmake|pkgconfig)/' || true)
if [ -n "$strangers" ]; then
    echo "files that do not belong into an installation: $strangers"
    exit 1
fi
pc=$(dirname "$(find "$prefix" -name aiocpp.pc)")

mkdir "$work/user"
cat >"$work/user/hello.cpp" <<'END'
#include <aio/aio.hpp>

#include <cstdio>

using namespace std::chrono_literals;

aio::Coro<int> answer() {
    co_await aio::sleep(1ms);
    co_return 42;
}

aio::Coro<> amain() {
    const int value = co_await answer();
    std::printf("the answer is %d\n", value);
}

int main() { return aio::run(amain()); }
END
cat >"$work/user/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(user CXX)
find_package(aiocpp 0.1 REQUIRED COMPONENTS aio testing)
add_executable(hello hello.cpp)
target_link_libraries(hello PRIVATE aio::aio)
add_executable(hello_testing hello.cpp)
target_link_libraries(hello_testing PRIVATE aio::testing)
END

expect_answer() {
    local printed
    printed=$("$1")
    if [ "$printed" != "the answer is 42" ]; then
        echo "$2: printed \"$printed\""
        exit 1
    fi
}

for compiler in clang++-19 g++; do
    folder=$work/user-$compiler
    {
        cmake -G Ninja -S "$work/user" -B "$folder" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$prefix" \
            -DCMAKE_BUILD_TYPE=Release && cmake --build "$folder"
    } >"$work/log" 2>&1 || { echo "find_package with $compiler:"; cat "$work/log"; exit 1; }
    if [ "$compiler" = g++ ] && [ "$(g++ -dumpversion | cut -d. -f1)" -lt 13 ]; then
        grep -q 'miscompiles' "$work/log" || { echo "find_package said nothing about g++ 12"; exit 1; }
    fi
    expect_answer "$folder/hello" "find_package with $compiler"
    expect_answer "$folder/hello_testing" "find_package (testing) with $compiler"

    for package in aiocpp aiocpp-testing; do
        # Without optimisation, which is where g++ depends on the flags in the .pc file.
        flags=$(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs $package)
        # shellcheck disable=SC2086  # flags are several words
        "$compiler" -std=c++20 -O0 -Wall -Wextra -Werror "$work/user/hello.cpp" -o "$folder/by-pkg-config" $flags
        expect_answer "$folder/by-pkg-config" "pkg-config $package with $compiler"
    done
done
echo "find_package and pkg-config, clang++-19 and g++"
