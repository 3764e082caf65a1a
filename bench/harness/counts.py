# SPDX-License-Identifier: MIT
"""Counts instead of times: instructions (callgrind) and system calls (strace) per operation. They do not
depend on how busy the machine is. Each is the difference of a long and a short run, so starting up and
shutting down cancel out."""
import contextlib
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import echo, machine
from .conversation import allow_descriptors, exchange, introduce
from .messages import message_for

CALLGRIND = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
CONNECTIONS = 16
FEW, MANY = 320, 3520  # messages


def collected(report):
    counts = re.findall(r"Collected : (\d+)", report)
    return int(counts[-1]) if counts else None


def micro_instructions(program, row, bench):
    counts = []
    for n in row.counted:
        result = subprocess.run([*CALLGRIND, *program.command, bench, str(n)], stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True, env=program.environment())
        counts.append(collected(result.stderr) if result.returncode == 0 else None)
    if None in counts:
        return None
    return (counts[1] - counts[0]) / (row.counted[1] - row.counted[0])


def converse(row, program, port, messages):
    message = message_for(row, program.message)
    exchange(row.kind, port, CONNECTIONS, messages, message, echo.answer_size(row, program, port, message))


def echo_instructions(row, program):
    """User-space instructions of a server per message; None if it fails."""
    counts = []
    for messages in (FEW, MANY):
        with tempfile.TemporaryFile("w+") as report:
            try:
                with echo.running(program, CALLGRIND, stderr=report, patience=30, kind=row.kind) as (_, port):
                    converse(row, program, port, messages)
            except OSError:
                return None
            report.seek(0)
            counts.append(collected(report.read()))
    return None if None in counts else (counts[1] - counts[0]) / (MANY - FEW)


def system_calls(row, program):
    """{system call: (calls, failed calls) per message} of a server; None if it fails."""
    counts = []
    for messages in (FEW, MANY):
        with tempfile.TemporaryDirectory() as folder:
            summary = Path(folder, "summary")
            try:
                with echo.running(program, tracer(summary), kind=row.kind) as (_, port):
                    converse(row, program, port, messages)
            except OSError:
                return None
            wait_for_text(summary)
            counts.append(parse_summary(summary.read_text()))
    return per_operation(*counts, MANY - FEW)


def operation_calls(row, program, bench):
    """The same of a program that runs a benchmark, and of its children."""
    counts = []
    for n in row.counted:
        with tempfile.TemporaryDirectory() as folder:
            summary = Path(folder, "summary")
            result = subprocess.run([*tracer(summary), *program.command, bench, str(n)], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, env=program.environment())
            if result.returncode != 0:
                return None
            wait_for_text(summary)
            counts.append(parse_summary(summary.read_text()))
    return per_operation(*counts, row.counted[1] - row.counted[0])


@dataclass
class Idle:
    """The memory of a server in MB: when it had started, and while all connections wait."""

    start: float
    connected: float


def idle_memory(row, program):
    """Of a server whose connections have sent one message each; None if it fails."""
    allow_descriptors(row.connections)
    try:
        with echo.running(program, kind=row.kind) as (process, port), contextlib.ExitStack() as stack:
            start = machine.process_memory_mb(process.pid)
            message = message_for(row)
            introduce(row.kind, port, row.connections, message, echo.answer_size(row, program, port, message), stack)
            return Idle(start, machine.process_memory_mb(process.pid))
    except OSError as error:
        print(f"bench: {program.name} is left out: {error}", file=sys.stderr)
        return None


def tracer(summary):
    # -D: the traced program stays our child, and the tracer ends with it.
    return ["strace", "-D", "-f", "-c", "-S", "calls", "-o", str(summary)]


def per_operation(short, long, count):
    zero = (0, 0)
    each = {
        call: tuple((a - b) / count for a, b in zip(total, short.get(call, zero)))
        for call, total in long.items()
    }
    return {call: calls for call, calls in each.items() if calls[0] > 0.02}


def wait_for_text(path):
    """The tracer writes after the server has ended."""
    end = time.monotonic() + 5
    while time.monotonic() < end and not (path.exists() and "total" in path.read_text()):
        time.sleep(0.02)


def parse_summary(text):
    """Of lines: % time, seconds, usecs/call, calls, [errors,] name."""
    counts = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 5 and words[0].replace(".", "").isdigit() and words[-1] != "total":
            counts[words[-1]] = (int(words[3]), int(words[4]) if len(words) == 6 else 0)
    return counts
