# SPDX-License-Identifier: MIT
"""Random programs have the same trace in CPython and in aio: programs_test.py INTERPRETER [COUNT [close]]

The environment's AIO_DIFFERENTIAL_COUNT says how many, AIO_DIFFERENTIAL_SEED which comes first. A program
that differs is made smaller before it is shown. INTERPRETER - reads one program from standard input, in its
text form, and shows what both make of it. With `close` only aio runs them, and closes the loop in the middle:
nothing is compared, but under a sanitizer whatever is destroyed too early or never has it fail.
"""

import logging
import os
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import machine  # noqa: E402
from generator import generate  # noqa: E402
from programs import parse, pretty, render, smaller  # noqa: E402

BATCH = 500  # programs for one process of the C++ interpreter
TIME_LIMIT = 300  # seconds; only a batch that hangs gets there
# What a Python interpreter ends with that was given a statement without its parts.
MEANS_NOTHING = re.compile(r"\b(IndexError|AttributeError|TypeError|KeyError)\b")
TRIES = 3000  # programs that are tried to make one smaller


def traces_of_aio(interpreter, programs, *mode):
    """The traces of the programs. If the interpreter ends early, the last one says how it did."""
    text = "".join(render(program) + "\n" for program in programs)
    result = subprocess.run([interpreter, *mode], input=text, capture_output=True, text=True, timeout=TIME_LIMIT)
    traces = [[]]
    for line in result.stdout.splitlines():
        if line == ".":
            traces.append([])
        else:
            traces[-1].append(line)
    if result.returncode == 0:
        traces.pop()
    else:
        traces[-1] += [f"interpreter ended with status {result.returncode}", *result.stderr.splitlines()]
    return traces


def both(interpreter, program):
    return traces_of_aio(interpreter, [program])[0], machine.run(program)


def differs(interpreter, program):
    try:
        aio, python = both(interpreter, program)
    except Exception:  # a deletion can make a program that means nothing
        return False
    return aio != python and not any(MEANS_NOTHING.search(line) for line in python)


def minimise(interpreter, program):
    """Deletes statements as long as the traces differ."""
    tries = 0
    shrunk = True
    while shrunk and tries < TRIES:
        shrunk = False
        for candidate in smaller(program):
            tries += 1
            if differs(interpreter, candidate):
                program, shrunk = candidate, True
                break
    return program


def show(interpreter, program):
    aio, python = both(interpreter, program)
    print(f"the program:\n{pretty(program)}\nas text: {render(program)}")
    print("aio:\n  " + "\n  ".join(aio) + "\nCPython:\n  " + "\n  ".join(python))
    return aio == python


def compare(interpreter, first, programs):
    traces = traces_of_aio(interpreter, programs)
    for place, program in enumerate(programs):
        if place >= len(traces) or traces[place] != machine.run(program):
            print(f"seed {first + place} differs; ", end="")
            show(interpreter, minimise(interpreter, program))
            return None
    return sum(map(len, traces))


def close(interpreter, first, programs):
    traces = traces_of_aio(interpreter, programs, "close")
    if len(traces) != len(programs) or any("interpreter ended" in line for line in traces[-1]):
        print(f"seed {first + len(traces) - 1}, or the end of the batch:", *traces[-1], sep="\n  ")
        return None
    return sum(map(len, traces))


def main(interpreter, count="10000", mode="compare"):
    if count == "-":
        return 0 if show(interpreter, parse(sys.stdin.read())) else 1
    first = int(os.environ.get("AIO_DIFFERENTIAL_SEED", "1"))
    count = int(os.environ.get("AIO_DIFFERENTIAL_COUNT", count))
    print(f"{count} programs from AIO_DIFFERENTIAL_SEED={first} on, CPython {sys.version.split()[0]}", flush=True)
    check = {"compare": compare, "close": close}[mode]
    start, total = time.monotonic(), 0
    for begin in range(first, first + count, BATCH):
        programs = [generate(seed) for seed in range(begin, min(begin + BATCH, first + count))]
        lines = check(interpreter, begin, programs)
        if lines is None:
            return 1
        total += lines
    print(f"{mode}: {total} lines in {time.monotonic() - start:.1f} s")
    return 0


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    # Tasks that do not let themselves be cancelled are destroyed with the loop closed, which their `finally`
    # blocks do not like.
    sys.unraisablehook = lambda _: None
    sys.exit(main(*sys.argv[1:]))
