# SPDX-License-Identifier: MIT
"""Runs microbenchmark programs: `PROGRAM BENCH N`, one line of JSON."""
import json
import subprocess
import sys
import time

from . import machine
from .alternation import NOISY, Alternation
from .programs import LIMIT

TIMEOUT = 120


def take_sample(program, bench, n):
    machine.wait_until_quiet(NOISY, at_most=0.5)
    busy, own, start = machine.busy_seconds(), machine.own_seconds(), time.monotonic()
    try:
        result = subprocess.run([*program.command, bench, str(n)], env=program.environment(), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT,
                                preexec_fn=machine.pinned_to(machine.MEASURED))
        sample = json.loads(result.stdout.splitlines()[-1])
    except (subprocess.TimeoutExpired, json.JSONDecodeError, IndexError) as error:
        print(f"bench: {program.name} fails at {bench}: {type(error).__name__}", file=sys.stderr)
        return None
    others = machine.busy_seconds() - busy - (machine.own_seconds() - own)
    sample["foreign"] = others / max(0.05, time.monotonic() - start)
    return sample


def measure(row, programs, rounds, peer_rounds, scale=1.0):
    """Summary by program name."""

    def take(program):
        bench = row.base_bench if program.name == LIMIT and row.base_bench else row.name
        return take_sample(program, bench, max(1, int(row.n * scale * program.part)))

    available = [program for program in programs if program.has(row.name) or program.name == LIMIT]
    limit, others = available[0], available[1:]
    if row.base_bench:  # a benchmark that only aio has
        others = [program for program in others if program.name.startswith("aio")]
    if row.base_bench == "none":
        limit = others[0]
    subjects = [program for program in others if program.name.startswith("aio")]
    peers = [program for program in others if program not in subjects]
    alternation = Alternation(take)
    alternation.run(limit, subjects, peers, rounds, peer_rounds)
    return alternation.summaries(LIMIT)
