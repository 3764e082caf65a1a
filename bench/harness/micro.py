# SPDX-License-Identifier: MIT
"""Runs microbenchmark programs: `PROGRAM BENCH N`, one line of JSON."""
import json
import subprocess
import sys
import time

from . import machine
from .alternation import NOISY, Alternation
from .programs import AIO, LIMIT

TIMEOUT = 120


def take_sample(program, bench, n, processors=1, server=None):
    """`server`: a process on another processor that the program needs; it may be busy all the time."""

    def own_seconds():
        return machine.own_seconds() + (machine.process_cpu_ns(server.pid) / 1e9 if server else 0)

    if not server:
        machine.wait_until_quiet(NOISY, at_most=0.2)  # not longer: see rows.SLEEP
    busy, own, start = machine.busy_seconds(), own_seconds(), time.monotonic()
    try:
        result = subprocess.run([*program.command, bench, str(n)], env=program.environment(), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT,
                                preexec_fn=machine.pinned_to_first(processors))
        sample = json.loads(result.stdout.splitlines()[-1])
    except (subprocess.TimeoutExpired, json.JSONDecodeError, IndexError) as error:
        print(f"bench: {program.name} fails at {bench}: {type(error).__name__}", file=sys.stderr)
        return None
    others = machine.busy_seconds() - busy - (own_seconds() - own)
    sample["foreign"] = others / max(0.05, time.monotonic() - start)
    return sample


def is_aio(program):
    return program.name.startswith(AIO)


def bench_name(row, program):
    return row.limit_bench if program.name == LIMIT and row.limit_bench else row.bench or row.name


def takers(row, programs):
    """The programs that have a row's benchmark."""

    def takes(program):
        if program.name == LIMIT:
            return row.has_limit
        if is_aio(program):
            return True
        return not row.only_aio and program.name not in row.not_in and program.has(row.bench or row.name)

    return list(filter(takes, programs))


def measure(row, programs, plan):
    """Summary by program name."""

    def take(program):
        n = max(1, int(row.n * plan.scale * program.part))
        if row.warm_up and program.native:
            take_sample(program, bench_name(row, program), n, row.processors)
        return take_sample(program, bench_name(row, program), n, row.processors)

    limit, *others = takers(row, programs)  # aio itself where there is no limit
    subjects = [program for program in others if is_aio(program)]
    peers = [program for program in others if not is_aio(program)]
    alternation = Alternation(take, plan.retries)
    alternation.run(limit, subjects, peers, plan)
    return alternation.summaries(LIMIT)
