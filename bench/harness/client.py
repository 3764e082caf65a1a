# SPDX-License-Identifier: MIT
"""Runs web clients beside a server that never sleeps, on the other processor."""
from . import echo, machine, micro
from .alternation import Alternation
from .programs import LIMIT
from .rows import CLIENT_REQUESTS


def take_sample(program, url, count, server):
    sample = micro.take_sample(program, url, count, server=server)
    return sample and {"cpu_ns": sample["cpu_ns"], "foreign": sample["foreign"], "rate": 1e9 / sample["ns"],
                       "memory_mb": sample["rss_mb"]}


def measure(programs, server, plan):
    """Summary by client name."""
    with echo.running(server, pinned=machine.pinned_to(machine.GENERATOR)) as (process, port):
        url = f"http://127.0.0.1:{port}/file"
        limit, *others = programs
        subjects = [program for program in others if program.name.startswith("aio")]
        peers = [program for program in others if program not in subjects]
        alternation = Alternation(
            lambda program: take_sample(program, url, int(CLIENT_REQUESTS * program.part * plan.scale), process),
            plan.retries)
        alternation.run(limit, subjects, peers, plan)
        return alternation.summaries(LIMIT)
