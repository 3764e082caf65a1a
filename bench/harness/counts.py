# SPDX-License-Identifier: MIT
"""Counts instead of times: instructions (callgrind) and system calls (strace) per operation. They do not
depend on how busy the machine is. Each is the difference of a long and a short run, so starting up and
shutting down cancel out."""
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from . import echo

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


def message_of(size):
    """ "<length>\\n<body>", so that servers of that protocol take it, too."""
    body = next(body for body in range(size, -1, -1) if body + len(str(body)) + 1 <= size)
    return b"%d\n" % body + b"x" * body


def exchange(port, messages, size):
    """Sends messages over CONNECTIONS connections that take turns, and waits for each echo."""
    connections = [socket.create_connection(("127.0.0.1", port), 30) for _ in range(CONNECTIONS)]
    message = message_of(size)
    for _ in range(messages // CONNECTIONS):
        for connection in connections:
            connection.sendall(message)
        for connection in connections:
            left = len(message)
            while left:
                data = connection.recv(65536)
                if not data:
                    raise ConnectionError("the server closed the connection")
                left -= len(data)
    for connection in connections:
        connection.close()


def echo_instructions(program):
    """User-space instructions of a server per message; None if it fails."""
    counts = []
    for messages in (FEW, MANY):
        with tempfile.TemporaryFile("w+") as report:
            try:
                with echo.running(program, CALLGRIND, stderr=report, patience=30) as (_, port):
                    exchange(port, messages, program.message)
            except OSError:
                return None
            report.seek(0)
            counts.append(collected(report.read()))
    return None if None in counts else (counts[1] - counts[0]) / (MANY - FEW)


def system_calls(program):
    """{system call: (calls, failed calls) per message} of a server; None if it fails."""
    counts = []
    for messages in (FEW, MANY):
        with tempfile.TemporaryDirectory() as folder:
            summary = Path(folder, "summary")
            # -D: the server stays our child, and the tracer ends with it.
            tracer = ["strace", "-D", "-f", "-c", "-S", "calls", "-o", str(summary)]
            try:
                with echo.running(program, tracer) as (_, port):
                    exchange(port, messages, program.message)
            except OSError:
                return None
            wait_for_text(summary)
            counts.append(parse_summary(summary.read_text()))
    short, long = counts
    zero = (0, 0)
    per_message = {
        call: tuple((a - b) / (MANY - FEW) for a, b in zip(count, short.get(call, zero)))
        for call, count in long.items()
    }
    return {call: count for call, count in per_message.items() if count[0] > 0.02}


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
