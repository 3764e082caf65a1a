# SPDX-License-Identifier: MIT
"""asyncio's loop on a clock that jumps: the Python side's counterpart of aio::testing::VirtualClock."""

import asyncio
import heapq
import selectors
import threading

START = 1000.0  # as VirtualClock's: not zero, so that programs can go back in time
IO_PATIENCE = 10.0  # seconds of real time that an idle loop waits for descriptors and threads


class DeadlockError(RuntimeError):
    """Nothing is ready, no timer is armed and no descriptor becomes ready."""


class VirtualSelector(selectors.DefaultSelector):
    """Polls without waiting; where a loop would wait, time jumps by as much instead."""

    def __init__(self):
        super().__init__()
        self.now = START

    def select(self, timeout=None):
        # Before the look at the descriptors: a thread that has ended by now has woken the loop before.
        outside = len(self.get_map()) > 1 or threading.active_count() > 1  # one of each is the loop's own
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            ready = super().select(IO_PATIENCE) if outside else []
            if not ready:
                raise DeadlockError("deadlock: nothing is ready and no timer is armed")
            return ready
        self.now += timeout
        return []


class FifoTimerHandle(asyncio.TimerHandle):
    """Of two equal deadlines the one armed first comes first; CPython itself promises no order (S5)."""

    __slots__ = ("_number",)
    count = 0

    def __init__(self, *arguments):
        super().__init__(*arguments)
        FifoTimerHandle.count += 1
        self._number = FifoTimerHandle.count

    def __lt__(self, other):
        return (self._when, self._number) < (other._when, other._number)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self.clock = VirtualSelector()
        super().__init__(self.clock)

    def time(self):
        return self.clock.now

    def call_at(self, when, callback, *args, context=None):
        self._check_closed()
        timer = FifoTimerHandle(when, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer
