# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# ./dev check: the static checks, one line each; what a failing one has to say follows its line.

QUICK_CHECKS="format layers rooms select sources real_time gcc12 captures parity faults rules docs"
SLOW_CHECKS="docs_run compile_errors headers compile_time components install consumers fuzz load browser tidy"
CHECKS="$QUICK_CHECKS $SLOW_CHECKS"

check_format() {
    cpp_sources | xargs -r -n 32 -P "$JOBS" clang-format-19 --dry-run --Werror --ferror-limit=3 ||
        { say "./dev fmt puts it right"; return 1; }
    say "$(cpp_sources | wc -l) files"
}

check_select() { python3 tools/select_tests.py --self-test; }

check_layers() { python3 tools/check_layers.py --self-test && python3 tools/check_layers.py; }

check_rooms() { python3 tools/check_rooms.py --self-test && python3 tools/check_rooms.py; }

check_sources() { python3 tools/check_sources_listed.py; }

check_real_time() { python3 tools/check_real_time.py --self-test && python3 tools/check_real_time.py; }

check_gcc12() { python3 tools/check_gcc12.py --self-test && python3 tools/check_gcc12.py; }

check_captures() { python3 tools/check_captures.py --self-test && python3 tools/check_captures.py; }

check_compile_errors() { python3 tools/check_compile_errors.py --self-test && python3 tools/check_compile_errors.py; }

check_headers() { python3 tools/check_headers.py; }

# With the default compiler in the usual run; docs_run builds and runs with both.
check_docs() { AIO_COMPILERS=clang++-19 python3 tools/check_readme.py; }

check_docs_run() { build release aio aio_testing aio_http && python3 tools/run_docs.py build/release; }

check_parity() { python3 tools/check_parity.py --self-test && python3 tools/check_parity.py; }

check_faults() { python3 tools/check_faults.py --self-test && python3 tools/check_faults.py; }

check_rules() { python3 tools/check_rules.py --self-test && python3 tools/check_rules.py; }

check_compile_time() { python3 tools/check_compile_time.py; }

check_components() { tools/check_components.sh; }

check_consumers() { setup tools/packages-consumers.txt && python3 tools/check_consumers.py; }

check_install() { build release aio aio_ssl aio_dns aio_http aio_testing aio_command && tools/check_install.sh build/release; }

# Each program of tests/fuzz, from its corpus and from what earlier runs have found: the same number of texts on any machine.
check_fuzz() {
    local program name texts=${AIO_FUZZ_TEXTS:-5000} names=()
    build fuzz fuzz || return 1
    for program in build/fuzz/tests/fuzz/*_fuzz; do
        name=$(basename "$program" _fuzz)
        names+=("$name")
        mkdir -p "build/fuzz/corpus/$name"
        "$program" -seed=1 -runs="$texts" -max_len=600 -verbosity=0 -artifact_prefix="build/fuzz/$name-" \
            "build/fuzz/corpus/$name" "tests/fuzz/corpus/$name" >"$LOGS/fuzz-$name.log" 2>&1 ||
            { tail -n 60 "$LOGS/fuzz-$name.log"; say "$program FILE repeats it"; return 1; }
    done
    say "$texts texts each: ${names[*]}"
}

# A web server under mixed load, and a room full of WebSockets: each for a minute or as long as one wants. Faults of
# WebSockets with as many as their recipes say.
check_load() {
    build release test_web test_websocket || return 1
    local room
    for room in web websocket; do
        AIO_LOAD_SECONDS=${AIO_LOAD_SECONDS:-60} "build/release/tests/test_$room" --gtest_filter='Soak.*:*.F94*:*.F98*' \
            >"$LOGS/load.log" 2>&1 || { tail -n 40 "$LOGS/load.log"; return 1; }
        say "$(grep answered "$LOGS/load.log")"
    done
}

# A browser as the visitor of a server's; its pictures of the page are left in build/log.
check_browser() {
    setup tools/packages-browser.txt && build release browser_peer || return 1
    /usr/bin/python3 -B tests/integration/browser/browser_test.py build/release/examples >"$LOGS/browser.log" 2>&1 ||
        { tail -n 40 "$LOGS/browser.log"; return 1; }
    say "$(chromium --version | cut -d' ' -f1,2), a page in plain text and over TLS"
}

# Only the library's own sources, in the batches in which the release build compiles them: what takes long is to read the
# headers, and a batch reads them once. HeaderFilterRegex names the sources, because a batch includes them.
check_tidy() {
    configure release || return 1
    local batches
    mapfile -t batches < <(sed -nE 's/^ *"file": "(.*)",?$/\1/p' build/release/compile_commands.json |
        grep -E "^$PWD/(aio|build/release/batches/aio[^/]*)/")
    local sources missing
    mapfile -t sources < <(find aio -name '*.cpp' | LC_ALL=C sort)
    missing=$(comm -23 <(printf '%s\n' "${sources[@]}") \
        <({ printf '%s\n' "${batches[@]#"$PWD/"}"; sed -nE 's/^#include "(.*)"$/\1/p' "${batches[@]}"; } | LC_ALL=C sort))
    [ -z "$missing" ] || { say "in no batch of build/release:" "$missing"; return 1; }
    printf '%s\n' "${batches[@]}" |
        xargs -r -n 1 -P "$JOBS" clang-tidy-19 --quiet -p build/release 2>"$LOGS/tidy-noise.log" || return 1
    say "${#sources[@]} files in ${#batches[@]} batches"
}

# run_check NAME: "ok format 0.4 s: 120 files", or FAIL and the output.
run_check() {
    local name=$1 log=$LOGS/check-$1.log start=$EPOCHREALTIME result=ok
    ("check_$name") >"$log" 2>&1 || result=FAIL
    local elapsed
    elapsed=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", b - a }')
    printf '%-4s %-12s %7s  %s\n' "$result" "$name" "$elapsed" "$(tail -n 1 "$log")"
    if [ $result = FAIL ]; then
        note_failure "$log"
        sed 's/^/     /' "$log"
        return 1
    fi
}

run_checks() {
    local name
    if [ "${1:-}" = list ]; then
        say "$CHECKS"
        return
    fi
    local lists=()
    for name in "${@:-all}"; do word_in "$name" "$QUICK_CHECKS" || lists=(tools/packages-all.txt); done
    setup "${lists[@]}"
    mkdir -p "$LOGS"
    local status=0 counting=""
    # shellcheck disable=SC2086  # a list of words
    if [ $# -eq 0 ]; then set -- $CHECKS; fi
    for name in "$@"; do
        word_in "$name" "$CHECKS" || die "no such check: $name (one of: $CHECKS)"
    done
    # One process for minutes; it counts instructions, so that the others may run beside it.
    if word_in compile_time "$*"; then
        run_check compile_time >"$LOGS/compile_time-line.log" &
        counting=$!
    fi
    for name in "$@"; do
        [ "$name" = compile_time ] || run_check "$name" || status=1
    done
    if [ -n "$counting" ]; then
        wait "$counting" || status=1
        cat "$LOGS/compile_time-line.log"
    fi
    return $status
}
