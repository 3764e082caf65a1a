# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# ./dev test: builds and runs the tests in several ways. The release job comes first, because it fails first for most
# mistakes; its CTest summary is repeated at the end, or that of a job that failed.

TEST_JOBS="release shuffle gcc asan tsan debug check"

# The job shuffle runs the tests of all folders that use a loop once per seed, with the orders that
# asyncio leaves open put into another order (LoopOptions::shuffle()). A failure names its seed.
SHUFFLE_SEEDS=${AIO_SHUFFLE_SEEDS:-1 2 3}

# The tests about a quantity, which take the longest: GoogleTest's filter for what the jobs shuffle and coverage leave out.
LONG_TESTS="Soak.*:DepthTest.*:BackpressureTest.AGibibyteThroughASlowReaderNeedsLittleMemory"

# run_ctest PRESET [CTEST ARGUMENT...]: the output goes to the terminal without the "Start" lines and into a log.
run_ctest() {
    local preset=$1
    shift
    ctest --preset "$preset" -j "$JOBS" "$@" 2>&1 | tee "$LOGS/ctest-$preset.log" |
        { grep --line-buffered -vE '^ +Start +[0-9]+:' || true; }
}

# CTest's summary of a job, from its log: "100% tests passed, ..." to the end.
ctest_summary() { sed -n '/% tests passed/,$p' "$LOGS/ctest-$1.log" 2>/dev/null; }

# The names of the test executables that have tests about threads.
thread_test_targets() {
    grep -rlE --include='*_test.cpp' 'TEST[A-Z_]*\(.*[Tt]hread' tests | sed -E 's|^tests/([^/]+)/.*|test_\1|' | sort -u
}

job_tsan() {
    local targets
    mapfile -t targets < <(thread_test_targets)
    if [ ${#targets[@]} -eq 0 ]; then
        say "no test is about threads"
        return
    fi
    # The other executables are not built; CTest has a test <name>_NOT_BUILT for each.
    build tsan "${targets[@]}" &&
        run_ctest tsan --no-tests=ignore -R "${filter:-[Tt]hread}" -E '_NOT_BUILT$'
}

# The test executables of folders that use a loop: all but the integration tests, which are programs, and base.
shuffle_targets() {
    find tests -mindepth 2 -name '*_test.cpp' | sed -E 's|^tests/([^/]+)/.*|\1|' | LC_ALL=C sort -u |
        grep -vxE 'base|integration' | sed 's/^/test_/'
}

# run_shuffled SEED TARGET: silent unless it fails.
run_shuffled() {
    local log=$LOGS/shuffle-$1-$2.log
    AIO_SHUFFLE=$1 timeout 300 "build/release/tests/$2" --gtest_brief=1 --gtest_filter="-$LONG_TESTS" >"$log" 2>&1 &&
        return
    cat "$log"
    say "FAILED with seed $1; again: AIO_SHUFFLE=$1 build/release/tests/$2 --gtest_filter=..."
    return 1
}

job_shuffle() {
    local targets seed target status=0
    mapfile -t targets < <(shuffle_targets)
    build release "${targets[@]}" || return 1
    for seed in $SHUFFLE_SEEDS; do
        for target in "${targets[@]}"; do
            run_shuffled "$seed" "$target" || status=1
        done
    done
    say "${#targets[@]} test executables, seeds $SHUFFLE_SEEDS"
    return $status
}

# run_job JOB: `filter` is the caller's.
run_job() {
    case $1 in
        check) run_checks ;;
        tsan) job_tsan ;;
        shuffle) job_shuffle ;;
        *) build "$1" && run_ctest "$1" ${filter:+-R "$filter"} ;;
    esac
}

run_tests() {
    local jobs=() filter="" job
    while [ $# -gt 0 ]; do
        case $1 in
            --filter)
                [ $# -ge 2 ] || die "--filter needs a regular expression"
                filter=$2
                shift
                ;;
            --filter=*) filter=${1#*=} ;;
            *)
                word_in "$1" "$TEST_JOBS" || die "no such job: $1 (one of: $TEST_JOBS)"
                jobs+=("$1")
                ;;
        esac
        shift
    done
    if [ ${#jobs[@]} -eq 0 ]; then
        if [ -n "$filter" ]; then jobs=(release gcc asan tsan); else jobs=(release shuffle gcc asan tsan check); fi
    fi

    setup
    mkdir -p "$LOGS"
    rm -f "$LOGS"/ctest-*.log
    local report=() failed=() start status
    local all_start=$SECONDS
    for job in "${jobs[@]}"; do
        heading "$job"
        start=$SECONDS status=passed
        # A subshell, so that a job that dies takes only itself along.
        (run_job "$job") || { status=FAILED; failed+=("$job"); }
        report+=("$(printf '%-8s %-7s %s' "$job" "$status" "$(duration $((SECONDS - start)))")")
    done

    heading "jobs: $(duration $((SECONDS - all_start)))"
    printf '%s\n' "${report[@]}"
    local shown="" candidate
    for candidate in "${failed[@]}" "${jobs[@]}"; do
        if [ -n "$(ctest_summary "$candidate")" ]; then shown=$candidate; break; fi
    done
    if [ -n "$shown" ]; then
        heading "tests of $shown"
        ctest_summary "$shown"
    fi
    [ ${#failed[@]} -eq 0 ]
}
