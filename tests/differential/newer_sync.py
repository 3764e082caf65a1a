# SPDX-License-Identifier: MIT
"""newer_asyncio.py for the synchronisation primitives."""

import asyncio
from asyncio import CancelledError


class Semaphore(asyncio.Semaphore):
    """3.13: whoever leaves the line wakes as many as there are permits for."""

    async def acquire(self):
        if not self.locked():
            self._value -= 1
            return True
        if self._waiters is None:
            self._waiters = []
        place = asyncio.get_running_loop().create_future()
        self._waiters.append(place)
        try:
            await place
        except CancelledError:
            if place.done() and not place.cancelled():
                self._value += 1  # had been given
            raise
        finally:
            self._waiters.remove(place)
            while self._value > 0 and not all(other.done() for other in self._waiters):
                self._wake_up_next()
        return True


class Condition(asyncio.Condition):
    """3.13: the cancellation that comes last surfaces, with its message, and a notification is not lost with it."""

    async def wait(self):
        if not self.locked():
            raise RuntimeError("cannot wait on un-acquired lock")
        place = asyncio.get_running_loop().create_future()
        self._waiters.append(place)
        self.release()
        try:
            try:
                await place
            finally:
                self._waiters.remove(place)
                await self._acquire_again()
        except BaseException:
            self._pass_on()
            raise
        return True

    async def _acquire_again(self):
        last = None
        while True:
            try:
                await self.acquire()
                break
            except CancelledError as error:
                last = error
        if last is not None:
            raise last

    def _pass_on(self):
        for place in self._waiters:
            if not place.done():
                place.set_result(False)
                break


class Barrier(asyncio.Barrier):
    def __init__(self, parties):
        super().__init__(parties)
        self._cond = Condition()
