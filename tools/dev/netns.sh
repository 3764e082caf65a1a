# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# ./dev test netns: the tests that talk over sockets, in network namespaces of their own whose kernel buffers little
# or much. What the machine's kernel buffers depends on its settings and on what went over loopback before.

# run_in_netns SIZE COMMAND [ARGUMENT...]: SIZE is tiny or huge. Gives the command's status, or this one where no
# namespace can be had:
NETNS_NOT_RUN=77

NETNS_MISSING="NOT RUN: no network namespaces here"

# Run by bash -c inside of the namespace, with SIZE and the command as arguments. TCP takes its sizes from the
# namespace; Unix sockets take theirs from the whole machine, so the tests' helpers set what the variable says.
# shellcheck disable=SC2016
NETNS_INSIDE='
    set -e
    {
        ip link set lo up
        case $1 in
            tiny)
                echo "4096 4096 4096" >/proc/sys/net/ipv4/tcp_rmem
                echo "4096 4096 4096" >/proc/sys/net/ipv4/tcp_wmem
                ip link set lo mtu 1280  # short segments as well: the least that IPv6 lives with
                export AIO_TEST_UNIX_BUFFER=1  # the kernel makes that the least it allows
                ;;
            huge)
                echo "4096 33554432 67108864" >/proc/sys/net/ipv4/tcp_rmem
                echo "4096 33554432 67108864" >/proc/sys/net/ipv4/tcp_wmem
                export AIO_TEST_UNIX_BUFFER=33554432
                ;;
            *) echo "no such size: $1" && exit 2 ;;
        esac
    } >&2 || exit '$NETNS_NOT_RUN'
    shift
    exec "$@"
'

# The words that run a command in a namespace, one per line; fails if none do.
netns_command() {
    local words
    for words in "unshare -n" "unshare -rn"; do
        # A container may give the namespace and keep the settings from it.
        # shellcheck disable=SC2086
        if $words bash -c "$NETNS_INSIDE" netns tiny true 2>/dev/null; then
            tr ' ' '\n' <<<"$words"
            return
        fi
    done
    return 1
}

run_in_netns() {
    local words
    mapfile -t words < <(netns_command)
    if [ ${#words[@]} -eq 0 ]; then
        echo "$NETNS_MISSING" >&2
        return $NETNS_NOT_RUN
    fi
    "${words[@]}" bash -c "$NETNS_INSIDE" netns "$@"
}

# The test folders that talk over sockets.
netns_labels() {
    grep -rlE --include='*_test.cpp' --include='*.hpp' 'socket_pair|SocketPair|start_server|open_connection' tests |
        sed -E 's|^tests/([^/]+)/.*|\1|' | LC_ALL=C sort -u | grep -vxE 'support|integration'
}

# The tests about a quantity run a part of it: with the smallest windows their time would be all that one waits for.
NETNS_PART=16

# run_sized SIZE NAME COMMAND...: silent unless it fails.
run_sized() {
    local size=$1 log=$LOGS/netns-$1-$2.log
    shift 2
    run_in_netns "$size" env AIO_TEST_PART=$NETNS_PART timeout --foreground 300 "$@" >"$log" 2>&1 && return
    note_failure "$log"
    cat "$log"
    say "FAILED in a network namespace with $size buffers; again:"
    say "  source tools/dev/netns.sh; run_in_netns $size $*"
    return 1
}

# The job: once with tiny buffers, once with huge ones. Gives NETNS_NOT_RUN where there are no namespaces.
job_netns() {
    local labels targets=() target size script status=0 start python=python3
    [ ! -x /usr/bin/python3 ] || python=/usr/bin/python3  # whose packages Debian has
    if ! netns_command >/dev/null; then
        say "$NETNS_MISSING"
        return $NETNS_NOT_RUN
    fi
    mapfile -t labels < <(netns_labels)
    mapfile -t labels < <(chosen "${labels[@]}")
    [ ${#labels[@]} -eq 0 ] || mapfile -t targets < <(targets_of "${labels[@]}")
    # shellcheck disable=SC2046
    build release "${targets[@]}" $(targets_of integration) || return 1
    for size in tiny huge; do
        start=$SECONDS
        for target in "${targets[@]}"; do
            run_sized "$size" "$target" "build/release/tests/$target" --gtest_brief=1 --gtest_filter=-DepthFaults.* || status=1
        done
        for script in tests/integration/*_test.py; do
            run_sized "$size" "$(basename "$script" .py)" "$python" -B "$script" build/release/examples || status=1
        done
        run_sized "$size" echo python3 -B tools/run_example.py build/release/examples/echo \
            examples/streams/echo.expected || status=1
        say "$size buffers: ${#targets[@]} test executables, the integration tests: $(duration $((SECONDS - start)))"
    done
    return $status
}
