# SPDX-License-Identifier: MIT
"""What the Python twins of the conformance tests share: `from prelude import *`.

A twin has the name of its C++ test and prints, run by CPython, what that test prints. It runs in virtual
time. Lists are printed as the C++ tests print them, without quotes: see text().
"""

import asyncio
import contextvars
import gc
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from asyncio import *
from asyncio import Runner, TaskGroup, timeout
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from virtual_time import DeadlockError, VirtualTimeLoop  # noqa: E402

logging.disable(logging.CRITICAL)
_loop = None  # the last one made, whose clock time.sleep() moves


class _VirtualTimePolicy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self):
        global _loop
        _loop = VirtualTimeLoop()
        return _loop


def _advance(seconds):
    _loop.clock.now += seconds


asyncio.set_event_loop_policy(_VirtualTimePolicy())
time.sleep = _advance
time.monotonic = lambda: _loop.clock.now


def since(*version):
    """Ends the program on an older CPython, whose outcome differs: prints the recorded newer one instead.

    NAME.trace beside NAME.py holds it; its first line says which version printed it.
    """
    if sys.version_info < version:
        trace = Path(sys.argv[0]).with_suffix(".trace").read_text().splitlines(keepends=True)
        assert trace[0].startswith("# printed by CPython ")
        sys.stdout.write("".join(trace[1:]))
        sys.stdout.flush()
        os._exit(0)


def report(loop=None):
    """Prints what reaches the exception handler, with its keys; callback reports are shortened."""

    def handler(loop, context):
        message = context["message"]
        if message.startswith("Exception in callback "):
            message = "Exception in callback ..."
        print("HANDLER:", message, sorted(key for key in context if key not in ("message", "source_traceback")))

    (loop or get_running_loop()).set_exception_handler(handler)


def text(value):
    """A value as the C++ tests print it: strings in lists without quotes."""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(text(item) for item in value) + "]"
    return str(value)


async def until(condition):
    """For what the kernel brings, sooner or later, whatever the clock says."""
    while not condition():
        await sleep(0)


async def connect_to(server, **options):
    return await open_connection(*server.sockets[0].getsockname(), **options)


def _small(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * 1024)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    return sock


def small_socket():
    """A bound socket for a server, whose connections hold little on their way."""
    sock = _small(socket.socket())
    sock.bind(("127.0.0.1", 0))
    return sock


async def connect_small(server):
    """A connection to such a server."""
    sock = _small(socket.socket())
    sock.setblocking(False)
    await get_running_loop().sock_connect(sock, server.sockets[0].getsockname())
    return await open_connection(sock=sock)


def await_hang_up(writer):
    """Until the kernel knows that the peer is gone."""
    poll = select.poll()
    poll.register(writer.get_extra_info("socket").fileno(), 0)
    poll.poll(10_000)
