# SPDX-License-Identifier: MIT
"""curl, for the tests of what serves the web."""

import shutil
import subprocess
import unittest

import program

COMMAND = ["curl", "-sS", "--max-time", str(program.TIME_LIMIT)]


def needed(test):
    """A decorator of classes: without curl they are skipped; ./dev setup installs it."""
    return unittest.skipUnless(shutil.which("curl"), "there is no curl")(test)


def curl(*arguments, data=None, status=0):
    """What it prints. `status`: its own exit status."""
    done = subprocess.run([*COMMAND, *map(str, arguments)], input=data, capture_output=True, check=False)
    if done.returncode != status:
        raise AssertionError(f"curl {arguments}: {done.returncode}, {done.stdout[-2000:]} {done.stderr[-2000:]}")
    return done.stdout


def ask(*arguments, data=None):
    """(status, body as text) of one response."""
    text = curl("-w", "\n%{http_code}", *arguments, data=data).decode()
    body, _, status = text.rpartition("\n")
    return int(status), body


def start(*arguments):
    """A curl that goes on; to be ended by its process."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    )
