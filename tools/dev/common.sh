# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# What every command of ./dev uses.

PRESETS="release debug gcc asan tsan fuzz coverage"
JOBS=${AIO_JOBS:-$(nproc)}
export AIO_JOBS=$JOBS
LOGS=build/log

die() {
    echo "dev: $*" >&2
    exit 1
}

say() { printf '%s\n' "$*"; }

heading() { printf '\n== %s\n' "$*"; }

# Seconds as "1 min 05 s".
duration() {
    if [ "$1" -lt 60 ]; then
        printf '%d s' "$1"
    else
        printf '%d min %02d s' $(($1 / 60)) $(($1 % 60))
    fi
}

# word_in WORD "LIST OF WORDS"
word_in() { [[ " $2 " == *" $1 "* ]]; }

# All C++ sources of the project, one per line.
cpp_sources() {
    local folders=() folder
    for folder in aio cli tests examples bench fuzz; do
        if [ -d "$folder" ]; then folders+=("$folder"); fi
    done
    find "${folders[@]}" -type f \( -name '*.hpp' -o -name '*.cpp' -o -name '*.h' \) | LC_ALL=C sort
}
