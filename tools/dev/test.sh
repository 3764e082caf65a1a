# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# ./dev test: builds and runs the tests in several ways. CTest's summary of the first job is repeated at the end, or
# that of a job that failed.

# What a new user runs, and everything. The release job comes first, because it fails first for most mistakes.
USUAL_JOBS="release quick"
ALL_JOBS="release quick asan gcc tsan shuffle settings netns slow debug"

# The status of a job that this machine cannot run, and of one that time was too short for.
NOT_RUN=77
OUT_OF_TIME=78

# The job shuffle runs the tests of all folders that use a loop once per seed, with the orders that
# asyncio leaves open put into another order (LoopOptions::shuffle()). A failure names its seed.
SHUFFLE_SEEDS=${AIO_SHUFFLE_SEEDS:-1 2 3}

# The job settings runs the same tests beside another loop of the thread, dead, in turn or in another thread
# (tests/support/setting.cpp), once more with another transport before each that connects or is accepted, and once on
# io_uring instead of epoll.
SETTINGS=${AIO_SETTINGS:-reborn in_turn beside forwarded}

# The tests about a quantity, which take the longest: GoogleTest's filter for what the jobs shuffle and coverage leave out.
LONG_TESTS="Soak.*:DepthTest.*:DepthFaults.*:BackpressureTest.AGibibyteThroughASlowReaderNeedsLittleMemory"

# run_ctest PRESET [CTEST ARGUMENT...]: the output goes to the terminal without the "Start" lines and into the job's log.
run_ctest() {
    local preset=$1
    shift
    ctest --preset "$preset" -j "$JOBS" "$@" 2>&1 | tee "$LOGS/ctest-$JOB_NAME.log" |
        { grep --line-buffered -vE '^ +Start +[0-9]+:' || true; }
}

# note_failure LOG: what a job that is stopped later has found by then counts; the report shows the end of the log.
note_failure() { echo "$1" >>"$LOGS/job-failed-${JOB_NAME:-check}"; }

# The ends of the logs that a job's runs of whole executables left, if these failed.
failed_logs() {
    local log
    [ -e "$LOGS/job-failed-$1" ] || return 0
    while read -r log; do
        heading "the end of $(basename "$log")"
        grep -vE '^(\[==========\]|\[  PASSED  \]|Running main|$)' "$log" | tail -n 12
    done <"$LOGS/job-failed-$1"
}

# CTest's summary of a job, from its log: "100% tests passed, ..." to the end.
ctest_summary() { sed -n '/% tests passed/,$p' "$LOGS/ctest-$1.log" 2>/dev/null; }

# The CMake targets behind CTest's labels.
targets_of() {
    local label
    for label in "$@"; do
        case $label in
            differential) echo differential_interpreter ;;
            example) echo examples/all ;;
            integration) printf '%s\n' cli/all examples/all tests/integration/all ;;
            *) echo "test_$label" ;;
        esac
    done | LC_ALL=C sort -u
}

# The test folders that have tests about threads.
thread_labels() {
    grep -rlE --include='*_test.cpp' 'TEST[A-Z_]*\(.*[Tt]hread' tests | sed -E 's|^tests/([^/]+)/.*|\1|' | LC_ALL=C sort -u
}

# The test folders that use a loop.
loop_labels() {
    find tests -mindepth 2 -name '*_test.cpp' | sed -E 's|^tests/([^/]+)/.*|\1|' | LC_ALL=C sort -u | grep -vxE 'base|integration'
}

# With --only or --since, CHOSEN is not empty and LABELS are CTest's labels of the tests to run.
CHOSEN="" LABELS=()

# chosen LABEL...: those of the given labels that are to be run.
chosen() {
    [ $# -gt 0 ] || return 0
    if [ -z "$CHOSEN" ]; then
        printf '%s\n' "$@"
    else
        printf '%s\n' "$@" | grep -xF -f <(printf '%s\n' "${LABELS[@]}") || true
    fi
}

# label_pattern LABEL...: CTest's regular expression for them.
label_pattern() { local IFS='|'; echo "^($*)\$"; }

# Builds and runs a preset's tests: all, or those of the labels that were chosen.
job_preset() {
    if [ -z "$CHOSEN" ]; then
        build "$1" && run_ctest "$1" ${filter:+-R "$filter"}
        return
    fi
    local targets
    mapfile -t targets < <(targets_of "${LABELS[@]}")
    # The other executables are not built; CTest has a test <name>_NOT_BUILT for each.
    build "$1" "${targets[@]}" &&
        run_ctest "$1" -L "$(label_pattern "${LABELS[@]}")" -E '_NOT_BUILT$' ${filter:+-R "$filter"}
}

job_tsan() {
    local labels targets
    mapfile -t labels < <(thread_labels)
    mapfile -t labels < <(chosen "${labels[@]}")
    if [ ${#labels[@]} -eq 0 ]; then
        say "none of these tests is about threads"
        return
    fi
    mapfile -t targets < <(targets_of "${labels[@]}")
    build tsan "${targets[@]}" &&
        run_ctest tsan -L "$(label_pattern "${labels[@]}")" ${filter:+--no-tests=ignore} -R "${filter:-[Tt]hread}" -E '_NOT_BUILT$'
}

# run_varied VARIABLE=VALUE TARGET: silent unless it fails.
run_varied() {
    local log=$LOGS/$JOB_NAME-${1#*=}-$2.log
    env "$1" timeout --foreground 600 "build/release/tests/$2" --gtest_brief=1 --gtest_filter="-$LONG_TESTS" >"$log" 2>&1 &&
        return
    note_failure "$log"
    cat "$log"
    say "FAILED with $1; again: $1 build/release/tests/$2 --gtest_filter=..."
    return 1
}

# vary VARIABLE VALUE...: the tests on a loop, once with each value, as many executables at a time as there are processors.
vary() {
    local variable=$1 labels targets=() value target running=0 status=0
    shift
    mapfile -t labels < <(loop_labels)
    mapfile -t labels < <(chosen "${labels[@]}")
    [ ${#labels[@]} -eq 0 ] || mapfile -t targets < <(targets_of "${labels[@]}")
    [ ${#targets[@]} -eq 0 ] || build release "${targets[@]}" || return 1
    for value in "$@"; do
        for target in "${targets[@]}"; do
            if [ "$running" -eq "$JOBS" ]; then
                wait -n || status=1
                running=$((running - 1))
            fi
            run_varied "$variable=$value" "$target" &
            running=$((running + 1))
        done
    done
    while [ "$running" -gt 0 ]; do
        wait -n || status=1
        running=$((running - 1))
    done
    say "${#targets[@]} test executables, $variable: $*"
    return $status
}

# The tests on a loop, in all settings.
job_settings() {
    local status=0
    # shellcheck disable=SC2086
    vary AIO_TEST_SETTING $SETTINGS || status=1
    vary AIO_POLLER io_uring || status=1
    if grep -qs "this machine refuses io_uring" "$LOGS/$JOB_NAME-io_uring-test_loop.log"; then
        say "io_uring is refused here: these tests ran on epoll"
    fi
    return $status
}

# run_job JOB: `filter` and `LABELS` are the caller's.
run_job() {
    case $1 in
        quick) run_checks $QUICK_CHECKS ;;
        slow) run_checks $SLOW_CHECKS ;;
        check) run_checks ;;
        tsan) job_tsan ;;
        # shellcheck disable=SC2086
        shuffle) vary AIO_SHUFFLE $SHUFFLE_SEEDS ;;
        settings) AIO_TEST_PART=$NETNS_PART job_settings ;;
        netns) job_netns ;;
        *) job_preset "$1" ;;
    esac
}

# The package lists of a job beyond tools/packages.txt.
packages_for() {
    case $1 in
        release | quick) ;;
        *) echo tools/packages-all.txt ;;
    esac
}

# timed_job JOB [NAME [SECONDS]]: runs a job, notes result and duration for the report, and gives the job's status. After
# SECONDS it is stopped; what it has found by then counts.
timed_job() {
    rm -f "$LOGS/out-of-time" "$LOGS/job-failed-${2:-$1}"
    local job=$1 name=${2:-$1} limit=${3:-} start=$SECONDS status=0 result=passed lists
    JOB_NAME=$name
    heading "$name"
    mapfile -t lists < <(packages_for "$job")
    # A subshell, so that a job that dies takes only itself along.
    run_limited "$limit" "$job" "${lists[@]}" || status=$?
    local seconds=$((SECONDS - start))
    case $status in
        0) TOOK[$name]=$seconds ;;
        "$NOT_RUN") result="NOT RUN" MISSING+=("$name: this machine cannot run it") ;;
        "$OUT_OF_TIME") result="STOPPED" MISSING+=("$name: stopped after $(duration $seconds), time was up") ;;
        *) result=FAILED FAILED+=("$name") ;;
    esac
    REPORT+=("$(printf '%-16s %-7s %s' "$name" "$result" "$(duration $seconds)")")
    return $status
}

# run_limited SECONDS JOB [PACKAGE LIST...]: no SECONDS, no limit.
run_limited() {
    local limit=$1 job=$2 lists=("${@:3}") status=0
    if [ -z "$limit" ]; then
        (setup "${lists[@]}" && run_job "$job")
        return
    fi
    set -m # a process group for the job, so that all of it can be stopped
    (setup "${lists[@]}" && run_job "$job") &
    local runner=$!
    (sleep "$limit" && touch "$LOGS/out-of-time" && kill -TERM -- -$runner) 2>/dev/null &
    local watcher=$!
    set +m
    # shellcheck disable=SC2064  # these two, not what the names stand for later
    trap "kill -TERM -- -$runner -$watcher 2>/dev/null" EXIT
    wait $runner || status=$?
    kill -TERM -- -$watcher 2>/dev/null || true
    wait $watcher 2>/dev/null || true
    trap - EXIT
    [ -e "$LOGS/out-of-time" ] || return $status
    # A failure before the end is one all the same.
    ! grep -qE '\*\*\*(Failed|Timeout|Exception)' "$LOGS/ctest-$JOB_NAME.log" 2>/dev/null || return 1
    [ ! -e "$LOGS/job-failed-$JOB_NAME" ] || return 1
    return $OUT_OF_TIME
}

# The end of every run: each job's result, CTest's summary, what other runs said that failed, and last what did not run.
# Fails if a job failed.
report_jobs() {
    local shown="" candidate
    heading "jobs: $(duration $((SECONDS - RUN_START)))"
    printf '%s\n' "${REPORT[@]}"
    for candidate in "${FAILED[@]}" release $ALL_JOBS; do
        if [ -n "$(ctest_summary "$candidate")" ]; then shown=$candidate; break; fi
    done
    if [ -n "$shown" ]; then
        heading "tests of $shown"
        ctest_summary "$shown"
    fi
    for candidate in "${FAILED[@]}"; do failed_logs "$candidate"; done
    [ ${#MISSING[@]} -eq 0 ] || printf 'NOT RUN: %s\n' "${MISSING[@]}"
    [ ${#FAILED[@]} -eq 0 ] || { printf 'FAILED: %s\n' "${FAILED[@]}"; return 1; }
}

# begin_run: forgets what earlier runs left.
begin_run() {
    declare -gA TOOK=()
    REPORT=() FAILED=() MISSING=() RUN_START=$SECONDS
    mkdir -p "$LOGS"
    rm -f "$LOGS"/ctest-*.log "$LOGS"/check-*.log "$LOGS"/job-failed-*
}

# choose_labels OPTION ARGUMENT...: what --only or --since name.
choose_labels() {
    local names
    names=$(python3 tools/select_tests.py "$@") || die "no tests were chosen"
    CHOSEN=yes LABELS=()
    [ -z "$names" ] || mapfile -t LABELS <<<"$names"
}

run_tests() {
    local jobs=() filter="" job
    case ${1:-} in
        all) shift; [ $# -eq 0 ] || die "./dev test all takes no arguments"; test_all; return ;;
        ci) shift; [ $# -eq 0 ] || die "./dev test ci takes no arguments"; test_ci; return ;;
    esac
    setup
    while [ $# -gt 0 ]; do
        case $1 in
            --filter) [ $# -ge 2 ] || die "--filter needs a regular expression"; filter=$2; shift ;;
            --since) [ $# -ge 2 ] || die "--since needs a revision"; choose_labels --since "$2"; shift ;;
            --only)
                local names=()
                while [ $# -ge 2 ] && [[ $2 != -* ]] && ! word_in "$2" "$ALL_JOBS check"; do names+=("$2"); shift; done
                choose_labels --only "${names[@]}"
                ;;
            *) word_in "$1" "$ALL_JOBS check" || die "no such job: $1 (one of: all $ALL_JOBS check)"; jobs+=("$1") ;;
        esac
        shift
    done
    if [ ${#jobs[@]} -eq 0 ]; then
        if [ -n "$filter$CHOSEN" ]; then jobs=(release); else mapfile -t jobs < <(xargs -n 1 <<<"$USUAL_JOBS"); fi
    fi
    if [ -n "$CHOSEN" ] && [ ${#LABELS[@]} -eq 0 ]; then
        say "no test is concerned"
        return
    fi
    if [ -n "$filter" ]; then
        for job in "${jobs[@]}"; do
            ! word_in "$job" "shuffle settings netns quick slow check" || die "--filter is for CTest's jobs, and $job is not one"
        done
    fi
    begin_run
    for job in "${jobs[@]}"; do timed_job "$job" || true; done
    report_jobs
}
