# SPDX-License-Identifier: MIT
"""Statements that wait for several things at once, for a limited time or behind a shield."""

import asyncio

from interpreter import TICK, WHEN, Core, describe
from newer_asyncio import AsCompleted, gather, timeout, wait_for


class Waits(Core):
    arriving = ()

    async def wait_gather(self, mode, *names):
        futures = [self.named[name] for name in names if name in self.named]  # also twice
        results = await gather(*futures, return_exceptions=mode == "return")
        self.print("gathered", *map(self.entry, results))

    @staticmethod
    def entry(result):
        """CPython loses the message of a cancelled task here (it is kept for the first awaiter only)."""
        if isinstance(result, asyncio.CancelledError):
            return "CancelledError"
        return describe(result) if isinstance(result, BaseException) else result

    async def wait_wait(self, when, ticks, *names):
        if futures := self.known(names):
            timeout = None if ticks == "-" else int(ticks) * TICK
            done, pending = await asyncio.wait(futures, timeout=timeout, return_when=WHEN[when])
            self.print("waited", *("done" if future in done else "pending" for future in futures))

    def do_arriving(self, ticks, *names):
        """What all tasks' (next) take from, from now on."""
        timeout = None if ticks == "-" else int(ticks) * TICK
        self.arriving = AsCompleted(self.known(names), timeout)

    async def wait_next(self):
        for coroutine in self.arriving:
            self.print("arrived", await coroutine)
            break

    async def wait_shield(self, name):
        for future in self.known([name]):
            self.print("shielded", await asyncio.shield(future))

    async def wait_timeout(self, ticks, *statements):
        async with timeout(int(ticks) * TICK) as scope:
            await self.block(statements)
        self.print("timeout left", scope.expired())

    async def wait_wait_for(self, ticks, name):
        for future in self.known([name]):
            self.print("in time", await wait_for(future, int(ticks) * TICK))

    async def wait_limited(self, ticks, *statements):
        """wait_for() of a coroutine"""
        await wait_for(self.block(statements), int(ticks) * TICK)
        self.print("limited ends")
