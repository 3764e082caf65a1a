# SPDX-License-Identifier: MIT
"""Servers of pipelined Redis commands under redis-benchmark."""
import csv
import subprocess
import sys
import time
from contextlib import ExitStack

from . import machine
from .alternation import Alternation
from .echo import running
from .programs import LIMIT


def take_sample(row, commands, process, port):
    """A run of redis-benchmark; each of its tests sends that many commands."""
    command = ["redis-benchmark", "-p", str(port), "-P", str(row.in_flight), "-c", str(row.connections),
               "-n", str(commands), "-t", "set,get", "--csv"]
    cpu, busy, start = machine.process_cpu_ns(process.pid), machine.busy_seconds(), time.monotonic()
    load = subprocess.run(command, capture_output=True, text=True, timeout=120,
                          preexec_fn=machine.pinned_to(machine.GENERATOR))
    rates = [float(line[1]) for line in csv.reader(load.stdout.splitlines())
             if len(line) > 1 and line[0] in ("SET", "GET")]
    if load.returncode != 0 or len(rates) != 2:
        print(f"bench: redis-benchmark: {load.stderr.strip()[:200]}", file=sys.stderr)
        return None
    cpu = machine.process_cpu_ns(process.pid) - cpu
    elapsed = time.monotonic() - start
    # The generator is a child that has ended: its share of a processor is not foreign.
    foreign = max(0.0, (machine.busy_seconds() - busy - cpu / 1e9) / elapsed - 1)
    return {"cpu_ns": cpu / (2 * commands), "foreign": foreign, "rate": 2 / sum(1 / rate for rate in rates),
            "memory_mb": machine.process_memory_mb(process.pid)}


def measure(row, programs, plan):
    """Summary by server name; the limit is Redis itself."""
    with ExitStack() as stack:
        servers = {}
        for program in programs:
            try:
                servers[program.name] = stack.enter_context(running(program))
            except (TimeoutError, FileNotFoundError) as error:
                print(f"bench: {program.name} is left out: {error}", file=sys.stderr)
        present = [program for program in programs if program.name in servers]
        limit = next(program for program in present if program.name == LIMIT)
        subjects = [program for program in present if program.name.startswith("aio")]
        peers = [program for program in present if program is not limit and program not in subjects]
        alternation = Alternation(
            lambda program: take_sample(row, int(row.commands * program.part * plan.seconds / 0.5),
                                        *servers[program.name]), plan.retries)
        alternation.run(limit, subjects, peers, plan)
        return alternation.summaries(LIMIT)
