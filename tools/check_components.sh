#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks what cmake/ does for parts that need a library, with the small project tests/cmake in place of aio: its part
# zip needs zlib, store needs zip, a header of open needs zlib, and gone needs what does not exist. tests/cmake/user is a program that uses them.
#
# usage: check_components.sh
set -euo pipefail

if [ $# -ne 0 ]; then
    sed -n '3,6s/^# \{0,1\}//p' "$0"
    exit 2
fi
small=$(cd "$(dirname "$0")/../tests/cmake" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/log

fail() {
    echo "$1"
    shift
    cat "$@"
    exit 1
}

# CMake breaks the lines of its messages where it likes.
says() { tr -s ' \n' ' ' <"$log" | grep -qF -- "$1" || fail "$what does not say \"$1\", but:" "$log"; }
silent_about() { ! grep -F -- "$1" "$log" || fail "$what says \"$1\":" "$log"; }

# configure FOLDER SOURCE ARGUMENT...: succeeds or fails as CMake does, in a folder per compiler. What an earlier run
# found or was told there is forgotten.
compiler=clang++-19
configure() {
    local folder=$work/$1-$compiler source=$2
    shift 2
    cmake -G Ninja -S "$source" -B "$folder" -U 'AIO*' -U 'aio*' -U '*ZLIB*' -U 'CMAKE_DISABLE*' -U FIND -U SUBFOLDER \
        -DCMAKE_CXX_COMPILER="$compiler" "$@" >"$log" 2>&1
}
works() { "$@" || fail "$what fails:" "$log"; }
fails() { ! "$@" || fail "$what does not fail:" "$log"; }

# make NAME ARGUMENT...: builds the small project and installs it into $work/NAME, from which it is moved.
make() {
    local name=$1
    shift
    works configure build "$small" "$@" -DCMAKE_INSTALL_PREFIX="$work/first"
    { cmake --build "$work/build-$compiler" && cmake --install "$work/build-$compiler"; } >"$work/make.log" 2>&1 ||
        fail "$what cannot be built and installed:" "$work/make.log"
    mv "$work/first" "$work/$name"
}
# use NAME FIND ARGUMENT...: configures the program against that installation.
use() {
    local name=$1 find=$2
    shift 2
    configure user "$small/user" -Daiocpp_DIR="$work/$name/lib/cmake/aiocpp" -DFIND="$find" -DLINK=aio::store \
        -DSOURCE=label.cpp "$@"
}
runs() {
    local printed
    printed=$("$1" 2>&1) || true
    [ "$printed" = "small 1967516179" ] || fail "$what: the program prints \"$printed\"" "$log"
}
build_and_run() {
    cmake --build "$work/user-$compiler" >"$work/make.log" 2>&1 ||
        fail "$what: the program cannot be built:" "$work/make.log"
    runs "$work/user-$compiler/program"
}
without_zlib=-DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON
no_zlib="zlib 1.2 or newer was not found (Debian: zlib1g-dev)"
no_gone="nowhere 2.0 or newer was not found (Debian: libnowhere-dev nowhere-tools) and void was not found (Debian: libvoid-dev)"

what="AUTO without the library"
make bare $without_zlib
says "-- aio: without aio::zip: $no_zlib; AIO_WITH_ZIP=OFF silences this"
says "-- aio: without aio::store: aio::zip is not built; AIO_WITH_STORE=OFF silences this"
says "-- aio: without aio::gone: $no_gone; AIO_WITH_GONE=OFF silences this"
silent_about "Could NOT find" # which is how find_package says it
strangers=$(find "$work/bare" | grep -E 'zip|store|shelf|open|gone' || true)
[ -z "$strangers" ] || fail "$what installs $strangers"

what="ON without the library"
fails configure build "$small" $without_zlib -DAIO_WITH_ZIP=ON
says "aio: AIO_WITH_ZIP is ON, but $no_zlib. Install what is missing, or leave aio::zip out with -DAIO_WITH_ZIP=OFF."
what="ON without another part"
fails configure build "$small" -DAIO_WITH_ZIP=OFF -DAIO_WITH_STORE=ON
says "aio: AIO_WITH_STORE is ON, but aio::zip is not built."
what="a search without pkg-config"
works configure build "$small" -DZLIB_BY=pkg-config -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON
says "without aio::zip: zlib 1.2 or newer cannot be looked for without pkg-config (Debian: zlib1g-dev)"
what="a misspelled option"
fails configure build "$small" -DAIO_WITH_ZIP=perhaps
says 'aio: AIO_WITH_ZIP is "perhaps"; it can be AUTO, ON or OFF.'

what="OFF"
make "off" -DZLIB_BY=package -DAIO_WITH_ZIP=OFF -DAIO_WITH_STORE=no -DAIO_WITH_OPEN=OFF -DAIO_WITH_GONE=OFF
silent_about "aio: without"
! grep -q ZLIB_LIBRARY "$work/build-$compiler/CMakeCache.txt" || fail "$what looks for the library"

what="COMPONENTS zip, built without"
fails use bare "COMPONENTS;zip"
says "this installation was built without aio::zip: $no_zlib. To have it, build and install aiocpp again with -DAIO_WITH_ZIP=ON."
what="COMPONENTS zip and OPTIONAL_COMPONENTS, built without"
fails use bare "COMPONENTS;zip;OPTIONAL_COMPONENTS;nothing"
silent_about "nothing"
what="COMPONENTS store zip nothing, turned off"
fails use "off" "COMPONENTS;store;zip;nothing"
says "this installation was built without aio::store: AIO_WITH_STORE was OFF. To have it,"
says "this installation was built without aio::zip: AIO_WITH_ZIP was OFF. To have it,"
says 'aiocpp has no part "nothing", only aio, zip, store, open, gone.'

# Both compilers, each with static libraries and a way to look for zlib, the second also with shared ones.
by_pkg_config() {
    local flags
    local part=store source=label.cpp
    if [ "${1:-}" = open ]; then
        part=open source=open.cpp
        shift
    fi
    flags=$(PKG_CONFIG_PATH=$work/$name/lib/pkgconfig pkg-config "$@" --cflags --libs aiocpp-$part)
    # shellcheck disable=SC2086  # flags are several words
    "$compiler" -std=c++20 "$small/user/$source" -o "$work/by-pkg-config" $flags >"$log" 2>&1 ||
        fail "$what, pkg-config $*:" "$log"
    LD_LIBRARY_PATH=$work/$name/lib runs "$work/by-pkg-config"
}
for round in clang++-19:package:OFF clang++-19:libs:OFF g++:pkg-config:OFF g++:package:ON; do
    IFS=: read -r compiler by shared <<<"$round"
    what="$compiler, zlib by $by, shared libraries $shared" name=${round//:/-}
    make "$name" -DZLIB_BY="$by" -DBUILD_SHARED_LIBS="$shared" -DAIO_WITH_ZIP=ON -DAIO_WITH_GONE=OFF
    silent_about "aio: without"
    works use "$name" "COMPONENTS;store"
    build_and_run
    by_pkg_config
    [ "$shared" = ON ] || by_pkg_config --static
    # Whoever includes the library's header needs it in any case.
    works use "$name" "COMPONENTS;open" -DLINK=aio::open -DSOURCE=open.cpp
    build_and_run
    by_pkg_config open
    if [ "$by" = package ]; then
        fails use "$name" "COMPONENTS;open" $without_zlib
        says "aio::open cannot be used: $no_zlib."
    fi

    what="$what, COMPONENTS store where zlib is missing"
    if [ "$shared" = ON ]; then
        works use "$name" "COMPONENTS;store" $without_zlib
    elif [ "$by" = package ]; then
        fails use "$name" "COMPONENTS;store" $without_zlib
        says "aio::store cannot be used: aio::zip cannot be used: $no_zlib."
    fi
done

compiler=clang++-19 name=clang++-19-package-OFF
what="OPTIONAL_COMPONENTS"
works use $name "OPTIONAL_COMPONENTS;zip;gone;nothing" -DLINK=aio::zip
says "-- has aio::zip"
silent_about "has aio::store" # it was not asked for
says "-- no aio::gone: this installation was built without aio::gone: AIO_WITH_GONE was OFF."
what="no COMPONENTS"
works use $name ""
says "-- has aio::zip -- has aio::store -- has aio::open -- no aio::gone"
what="no COMPONENTS where zlib is missing"
works use $name "" $without_zlib -DLINK=aio::aio
says "-- has aio::aio -- no aio::zip: aio::zip cannot be used: $no_zlib -- no aio::store"
what="COMPONENTS aio"
works use $name "COMPONENTS;aio" -DLINK=aio::aio
! grep -q ZLIB_LIBRARY "$work/user-$compiler/CMakeCache.txt" || fail "$what looks for zlib"

rm "$work/$name/lib/cmake/aiocpp"/aiocpp-store*.cmake
what="COMPONENTS store, whose files are in another package"
fails use $name "COMPONENTS;store"
says "aio::store belongs to aiocpp, but its files are not in this installation."

what="aio as a subfolder"
works configure user "$small/user" -DSUBFOLDER="$small" -DLINK=aio::store
silent_about "aio: without"
build_and_run
echo "a small project with zlib: AUTO, ON and OFF, find_package and pkg-config, clang++-19 and g++"
