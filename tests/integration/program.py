# SPDX-License-Identifier: MIT
"""Runs one of the built examples; what the integration tests share."""

import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

TIME_LIMIT = 60  # seconds; only a program that hangs gets there
examples = Path()  # where the executables are; set by main()


def start(name, *arguments):
    """Starts an example with Ctrl-C working: a shell in the background may have it ignored."""
    return subprocess.Popen(
        [examples / name, *map(str, arguments)],
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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """An example that is a server: it prints where it listens. Its end must be clean."""

    def __init__(self, test, name, *arguments):
        self._begin(test, name, ("--port", "0", *arguments), r"listening on 127\.0\.0\.1:(\d+)\n")

    def _begin(self, test, name, arguments, ready):
        self.test = test
        self.process = start(name, *arguments)
        test.addCleanup(self.stop)
        self.before = ""  # what it said until then
        while not (found := re.fullmatch(ready, line := self.process.stdout.readline().decode())):
            self.before += line
            if not line:
                process, self.process = self.process, None
                raise AssertionError(f"{name} printed {self.before!r} and {finish(process)}")
        self.port = int(found[1])

    def connect(self, receive_buffer=None):
        """A socket that never waits for ever; closed at the end of the test."""
        connection = socket.socket()
        self.test.addCleanup(connection.close)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(TIME_LIMIT)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def refuses(self):
        """Whether it listens no more."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) != 0

    def stop(self, by=signal.SIGTERM, output="", errors=""):
        """Ends the server, if it is not ended yet, and checks that it went well: what it may have said since are regular
        expressions."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(by)
        status, said, complained = finish(process)
        self.test.assertEqual(status, 0, (said, complained))
        self.test.assertRegex(said, rf"\A(?:{output})\Z")
        self.test.assertRegex(complained, rf"\A(?:{errors})\Z")


class WebServed(Served):
    """An example that serves the web, whose last argument is its port; it says where it listens as aiohttp does."""

    def __init__(self, test, name, *arguments):
        self._begin(test, name, (*arguments, "0"), r"=+ Running on https?://127\.0\.0\.1:(\d+) =+\n")
        self.process.stdout.readline()  # how to end it
        self.url = f"http://127.0.0.1:{self.port}"


def receive_all(connection):
    """What comes until the peer has ended."""
    received = b""
    while piece := connection.recv(1 << 16):
        received += piece
    return received.decode()


def receive(connection, size):
    """So many bytes, or an error if the peer ends before."""
    received = b""
    while len(received) < size:
        piece = connection.recv(size - len(received))
        if not piece:
            raise AssertionError(f"the connection ended after {received!r}")
        received += piece
    return received.decode()


def reset(connection):
    """Closes it as a crash does: the peer gets a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def wait_until(condition):
    """For what happens without a word to us."""
    deadline = time.monotonic() + TIME_LIMIT
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it did not come to pass")
        time.sleep(0.01)


class Together:
    """Answers requests when `count` of them are here, which never come one after the other; knows how many at most were."""

    def __init__(self, count, answer):
        self.answer = answer
        self.lock, self.barrier = threading.Lock(), threading.Barrier(count, timeout=TIME_LIMIT)
        self.now, self.most = 0, 0

    def __call__(self, connection):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.barrier.wait()
        with self.lock:
            self.now -= 1
        connection.sendall(self.answer)


def main():
    """Entry of a test script: script EXAMPLES_FOLDER [UNITTEST_ARGUMENT...]"""
    global examples
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} EXAMPLES_FOLDER")
    examples = Path(sys.argv.pop(1)).resolve()
    unittest.main(module="__main__", verbosity=2)
