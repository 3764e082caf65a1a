# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# ./dev coverage: which lines of the library the tests run.

# What is left out takes minutes and runs no line that other tests do not.
COVERAGE_LEFT_OUT="Soak.*:DepthTest.*:BackpressureTest.AGibibyteThroughASlowReaderNeedsLittleMemory"

# coverage [FOLDER...]: lines that no test runs are in build/coverage/lines.txt, with a count of 0.
coverage() {
    setup
    build coverage
    local tools=/usr/lib/llvm-19/bin tests=() objects=() test folder
    [ $# -gt 0 ] || set -- aio/task aio/sync aio/concurrent
    rm -rf build/coverage/profiles
    mapfile -t tests < <(find build/coverage/tests -maxdepth 1 -name 'test_*' -type f -executable | LC_ALL=C sort)
    for test in "${tests[@]}"; do
        objects+=(-object "$test")
        LLVM_PROFILE_FILE="build/coverage/profiles/%p.profraw" \
            "$test" --gtest_brief=1 --gtest_filter="-$COVERAGE_LEFT_OUT" || die "$test failed"
    done
    "$tools/llvm-profdata" merge -sparse -o build/coverage/all.profdata build/coverage/profiles
    "$tools/llvm-cov" show "${objects[@]}" -instr-profile=build/coverage/all.profdata "$@" >build/coverage/lines.txt
    for folder in "$@"; do
        say "$folder: $("$tools/llvm-cov" report "${objects[@]}" -instr-profile=build/coverage/all.profdata "$folder" |
            awk '/^TOTAL/ { print $10 " of " $8 " lines" }')"
    done
}
