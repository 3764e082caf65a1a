# SPDX-License-Identifier: MIT
"""Runs one of the built examples; what the integration tests share."""

import signal
import subprocess
import sys
import unittest
from pathlib import Path

TIME_LIMIT = 60  # seconds; only a program that hangs gets there
examples = Path()  # where the executables are; set by main()


def start(name, *arguments):
    """Starts an example with Ctrl-C working: a shell in the background may have it ignored."""
    return subprocess.Popen(
        [examples / name, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def finish(process):
    """Waits for the end: (exit status, standard output, standard error)."""
    try:
        output, errors = process.communicate(timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
        raise AssertionError(f"did not end; printed {output.decode()!r} and {errors.decode()!r}") from None
    return process.returncode, output.decode(), errors.decode()


def run(name, *arguments):
    return finish(start(name, *arguments))


def main():
    """Entry of a test script: script EXAMPLES_FOLDER [UNITTEST_ARGUMENT...]"""
    global examples
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} EXAMPLES_FOLDER")
    examples = Path(sys.argv.pop(1)).resolve()
    unittest.main(module="__main__", verbosity=2)
