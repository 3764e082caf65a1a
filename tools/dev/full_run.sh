# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# ./dev test all, which notes what it took in tools/full_run.txt, and ./dev test ci, which runs as much of it as time allows.

FULL_RUN=tools/full_run.txt

# The commit of the newest whole run, and how long one of its jobs took, in seconds.
full_run_commit() { awk '!/^#/ { print $1; exit }' $FULL_RUN; }
full_run_seconds() {
    awk -v job="$1" '!/^#/ {
        for (i = 4; i <= NF; i++) if (split($i, part, "=") == 2 && part[1] == job) print part[2] + 0
        exit
    }' $FULL_RUN
}

# The commit that lies here, and nothing beside it; fails if there is anything.
clean_commit() { [ -z "$(git status --porcelain -- . ":!$FULL_RUN")" ] && git rev-parse --short=10 HEAD; }

test_all() {
    local job commit
    commit=$(clean_commit) || commit=""
    begin_run
    for job in $ALL_JOBS; do timed_job "$job" || true; done
    report_jobs || return 1
    if [ ${#MISSING[@]} -gt 0 ]; then
        say "not noted in $FULL_RUN: something did not run"
        return 1
    # What is noted is true of a commit, not of what lay about beside it.
    elif [ -z "$commit" ] || [ "$(clean_commit)" != "$commit" ]; then
        say "not noted in $FULL_RUN: there were uncommitted changes, or another commit came meanwhile"
    else
        note_full_run "$commit"
        say "noted in $FULL_RUN; commit it"
    fi
}

# note_full_run COMMIT: a line for this run above the others.
note_full_run() {
    local line job
    line="$1 $(date -u +'%Y-%m-%d %H:%M')"
    for job in $ALL_JOBS; do line+=" $job=${TOOK[$job]}s"; done
    line+=" total=$((SECONDS - RUN_START))s"
    { grep '^#' $FULL_RUN; echo "$line"; grep -v '^#' $FULL_RUN; } >"$FULL_RUN.new" || true
    mv "$FULL_RUN.new" $FULL_RUN
}

# What .ci/run runs: the usual jobs; then, of what has changed since the last whole run and all above it, the jobs that find
# most; then the rest. A job begins only if it is expected to end within AIO_TEST_MINUTES, and is stopped ten minutes later.
# What time was too short for is named at the end and does not fail: work must not be lost to a slow day.
test_ci() {
    local job commit age changed
    begin_run
    for job in $USUAL_JOBS; do timed_job "$job" || true; done
    commit=$(full_run_commit)
    if [ -z "$commit" ] || ! git merge-base --is-ancestor "$commit" HEAD || ! age=$(git rev-list --count "$commit..HEAD"); then
        FAILED+=(age) REPORT+=("FAILED: the last whole run's commit, $commit, is not in this history: ./dev test all")
    elif [ "$age" -gt 60 ]; then
        FAILED+=(age) REPORT+=("FAILED: the last whole run was $age commits ago, more than 60: ./dev test all")
    else
        choose_labels --since "$commit"
        changed=("${LABELS[@]}")
        for job in asan gcc tsan; do job_within_budget "$job" changed; done
        CHOSEN="" && for job in slow shuffle settings netns; do job_within_budget "$job"; done
        choose_labels --all-but "${changed[@]}"
        for job in asan gcc tsan; do job_within_budget "$job" rest; done
        CHOSEN="" && job_within_budget debug
    fi
    report_jobs
}

# job_within_budget JOB [PART]
job_within_budget() {
    local name=$1${2:+-$2} budget=$((${AIO_TEST_MINUTES:-75} * 60 - (SECONDS - RUN_START))) expected
    [ -z "$CHOSEN" ] || [ ${#LABELS[@]} -gt 0 ] || return 0
    expected=$(expected_seconds "$1")
    if [ "$expected" -gt "$budget" ]; then
        REPORT+=("$(printf '%-16s NOT RUN' "$name")")
        MISSING+=("$name: may take $(duration "$expected"), $(duration $((budget > 0 ? budget : 0))) were left")
    else
        timed_job "$1" "$name" $((budget + 600)) || true
    fi
}

# expected_seconds JOB: what it took in the last whole run, and longer if the jobs of this run took longer than then.
expected_seconds() {
    local job then percent=100
    for job in "${!TOOK[@]}"; do
        then=$(full_run_seconds "$job")
        # What takes seconds tells nothing.
        if [ "${then:-0}" -ge 20 ] && [ $((TOOK[$job] * 100 / then)) -gt $percent ]; then
            percent=$((TOOK[$job] * 100 / then))
        fi
    done
    then=$(full_run_seconds "$1")
    echo $((${then:-0} * percent / 100))
}
