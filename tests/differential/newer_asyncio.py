# SPDX-License-Identifier: MIT
"""What aio takes from asyncio versions newer than the CPython that may run here (3.11 is the oldest).

Each part is the documented newer behaviour, put on top of the running version's classes; on a version that
has it already it changes nothing. Behaviour that reports to the exception handler or shows in messages only
is left as it is, because the programs do not print it.
"""

import asyncio
import sys
from asyncio import CancelledError
from asyncio.timeouts import _State


class Task(asyncio.tasks._PyTask):
    """The pure Python task, whose parts can be overridden."""

    def uncancel(self):
        """3.13: at zero a cancellation that was not delivered yet is withdrawn."""
        left = super().uncancel()
        if left == 0:
            self._must_cancel = False
        return left

    def _make_cancelled_error(self):
        """S44: every awaiter sees the message, where CPython forgets it with the first error it hands out."""
        error = super()._make_cancelled_error()
        if self.done():
            self._arguments = error.args or getattr(self, "_arguments", ())
            error.args = self._arguments
        return error


def task_factory(loop, coro, **options):
    return Task(coro, loop=loop, **options)


class Timeout(asyncio.Timeout):
    """3.11.4: requests to cancel from before the block do not hide that it took too long."""

    async def __aenter__(self):
        await super().__aenter__()
        self._requests_before = self._task.cancelling()
        return self

    async def __aexit__(self, kind, error, traceback):
        expiring = self._state is _State.EXPIRING
        await super().__aexit__(kind, error, traceback)
        if expiring and kind is CancelledError and self._task.cancelling() <= self._requests_before:
            raise TimeoutError from error


def timeout(delay):
    return Timeout(None if delay is None else asyncio.get_running_loop().time() + delay)


async def wait_for(awaitable, delay):
    """3.12: a timeout() scope in the caller's own task."""
    if delay is None or delay > 0:
        async with timeout(delay):
            return await awaitable
    future = asyncio.ensure_future(awaitable)
    if future.done():
        return future.result()
    future.cancel()
    await asyncio.wait([future])  # its cancellation is ours to see below
    try:
        return future.result()
    except CancelledError as error:
        raise TimeoutError from error


def gather(*futures, return_exceptions=False):
    """3.12: children that are done already are counted at once, without a turn of the loop."""
    loop = asyncio.get_running_loop()
    if sys.version_info >= (3, 12) or not futures:
        return asyncio.gather(*futures, return_exceptions=return_exceptions)
    children = list(dict.fromkeys(futures))  # each once; a request to cancel comes once for each argument
    left = len(children)

    def entry(future):
        if future.cancelled():
            return CancelledError(future._cancel_message or "")
        return future.exception() or future.result()

    def child_done(future):
        nonlocal left
        left -= 1
        if outer.done():
            return
        if not return_exceptions and future.cancelled():
            outer.set_exception(future._make_cancelled_error())
        elif not return_exceptions and future.exception():
            outer.set_exception(future.exception())
        elif left == 0 and outer._cancel_requested:
            # The last argument's message, if that is what it ended with; CPython takes any it ever was given.
            last = futures[-1]
            outer.set_exception(last._make_cancelled_error() if last.cancelled() else CancelledError())
        elif left == 0:
            outer.set_result([entry(future) for future in futures])

    outer = asyncio.tasks._GatheringFuture(futures, loop=loop)
    for child in children:
        if not child.done():
            child.add_done_callback(child_done)
    for child in children:
        if child.done():
            child_done(child)
    return outer


class AsCompleted:
    """3.13: watches from the beginning, not from the first step of the iteration. The futures keep the order
    in which they are given, where CPython promises none."""

    def __init__(self, futures, delay):
        self._arrived = asyncio.Queue()
        self._missing = dict.fromkeys(futures)
        self._left = len(self._missing)
        self._limit = None
        for future in self._missing:
            future.add_done_callback(self._arrives)
        if delay is not None and self._missing:
            self._limit = asyncio.get_running_loop().call_later(delay, self._time_is_up)

    def __iter__(self):
        return self

    def __next__(self):
        if self._left == 0:
            raise StopIteration
        self._left -= 1
        return self._result()

    async def _result(self):
        future = await self._arrived.get()
        if future is None:
            raise TimeoutError
        return future.result()

    def _arrives(self, future):
        if not self._missing:
            return
        del self._missing[future]
        self._arrived.put_nowait(future)
        if not self._missing and self._limit:
            self._limit.cancel()

    def _time_is_up(self):
        for future in self._missing:
            future.remove_done_callback(self._arrives)
            self._arrived.put_nowait(None)
        self._missing.clear()


class InsertionOrdered(dict):
    """A set that is iterated in the order of insertion, where CPython promises no order."""

    def add(self, item):
        self[item] = True

    def discard(self, item):
        self.pop(item, None)


class TaskGroup(asyncio.TaskGroup):
    def __init__(self):
        super().__init__()
        self._tasks = InsertionOrdered()

    async def __aexit__(self, *error):
        """3.13: the group takes back its own request after the wait, not before it, and a request from
        outside that its errors hide is made again."""
        requested_before = self._parent_cancel_requested
        try:
            return await super().__aexit__(*error)
        except BaseExceptionGroup:
            parent = self._parent_task
            if sys.version_info < (3, 13):
                if self._parent_cancel_requested and not requested_before:
                    parent.uncancel()
                if parent.cancelling():
                    parent.uncancel()
                    parent.cancel()
            raise
