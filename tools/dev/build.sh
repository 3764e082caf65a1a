# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# ./dev build, demo, bench and fmt.

# configure PRESET: runs CMake if there is no build folder yet or the presets changed; otherwise ninja sees to it.
configure() {
    local cache=build/$1/CMakeCache.txt
    word_in "$1" "$PRESETS" || die "no such preset: $1 (one of: $PRESETS)"
    if [ ! -e "build/$1/build.ninja" ] || [ CMakePresets.json -nt "$cache" ]; then
        mkdir -p "$LOGS"
        cmake --preset "$1" >"$LOGS/cmake-$1.log" 2>&1 || {
            cat "$LOGS/cmake-$1.log" >&2
            return 1
        }
        touch "$cache"
    fi
}

# build PRESET [TARGET...]
build() {
    local preset=$1
    shift
    configure "$preset" || return 1
    cmake --build "build/$preset" -j "$JOBS" ${1+--target "$@"}
}

build_everything() {
    setup
    build "${1:-release}"
}

demo() {
    setup
    mkdir -p "$LOGS"
    say "Building the demonstration"
    build release demo >"$LOGS/demo.log" 2>&1 || {
        cat "$LOGS/demo.log" >&2
        die "the demonstration does not build"
    }
    # In place of this shell, so that Ctrl-C is the program's alone.
    exec build/release/examples/demo "$@"
}

bench() {
    setup tools/packages-bench.txt
    build release bench/all
    exec python3 bench/run.py "$@"
}

format_sources() {
    setup
    cpp_sources | xargs -r -n 32 -P "$JOBS" clang-format-19 -i
}
