# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# ./dev coverage: which lines of the library the tests run, without the longest of them (LONG_TESTS in test.sh).

# lines_of_test EXECUTABLE FOLDER...: runs it and tells in lcov's format how often each line ran. Each executable has a
# profile of its own, because a template that two of them compile need not have the same counters in both.
lines_of_test() {
    local tools=/usr/lib/llvm-19/bin test=$1 profile=build/coverage/profiles/${1##*/}
    shift
    LLVM_PROFILE_FILE="$profile/%p.profraw" \
        "$test" --gtest_brief=1 --gtest_filter="-$LONG_TESTS" >"$LOGS/coverage-${test##*/}.log" 2>&1 || {
        cat "$LOGS/coverage-${test##*/}.log" >&2
        die "$test failed"
    }
    "$tools/llvm-profdata" merge -sparse -o "$profile.profdata" "$profile" &&
        "$tools/llvm-cov" export -format=lcov -skip-expansions -skip-functions "$test" \
            -instr-profile="$profile.profdata" -sources "$@"
}

# coverage [FOLDER...]: lines that no test runs are in build/coverage/missed.txt.
coverage() {
    setup tools/packages-all.txt
    build coverage
    local test tests
    [ $# -gt 0 ] || set -- aio/task aio/sync aio/concurrent
    rm -rf build/coverage/profiles build/coverage/lines.info
    mkdir -p "$LOGS" build/coverage/profiles
    mapfile -t tests < <(find build/coverage/tests -maxdepth 1 -name 'test_*' -type f -executable | LC_ALL=C sort)
    for test in "${tests[@]}"; do
        lines_of_test "$test" "$@" >>build/coverage/lines.info
    done
    python3 tools/sum_coverage.py build/coverage/lines.info build/coverage/missed.txt "$@"
}
