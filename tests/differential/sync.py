# SPDX-License-Identifier: MIT
"""Statements about one primitive of each kind, which all tasks share."""

import asyncio

from newer_sync import Barrier, Condition, Semaphore
from waits import Waits


class Sync(Waits):
    def __init__(self, loop):
        super().__init__(loop)
        self.lock = asyncio.Lock()
        self.event = asyncio.Event()
        self.queue = asyncio.Queue(1)
        self.semaphore = Semaphore(2)
        self.condition = Condition()
        self.barrier = Barrier(2)

    async def wait_lock(self, *statements):
        async with self.lock:
            self.print("locked")
            await self.block(statements)
        self.print("unlocked")

    def do_event_set(self):
        self.event.set()
        self.print("event set")

    def do_event_clear(self):
        self.event.clear()
        self.print("event cleared")

    async def wait_event_wait(self):
        await self.event.wait()
        self.print("event")

    def do_put_nowait(self, word):
        try:
            self.queue.put_nowait(word)
            self.print("put", word)
        except asyncio.QueueFull:
            self.print("QueueFull")

    def do_get_nowait(self):
        try:
            self.print("got", self.queue.get_nowait())
        except asyncio.QueueEmpty:
            self.print("QueueEmpty")

    async def wait_put(self, word):
        await self.queue.put(word)
        self.print("put", word)

    async def wait_get(self):
        self.print("got", await self.queue.get())

    def do_task_done(self):
        self.queue.task_done()
        self.print("task done")

    async def wait_join(self):
        await self.queue.join()
        self.print("joined")

    async def wait_semaphore(self, *statements):
        async with self.semaphore:
            self.print("permit")
            await self.block(statements)
        self.print("permit given back")

    def do_release(self):
        self.semaphore.release()
        self.print("released")

    async def wait_condition(self, *statements):
        async with self.condition:
            await self.condition.wait()
            self.print("notified")
            await self.block(statements)
        self.print("condition left")

    async def wait_notify(self, count):
        async with self.condition:
            self.condition.notify(int(count))
            self.print("notifies")

    async def wait_barrier(self):
        self.print("barrier", await self.barrier.wait())

    async def wait_barrier_reset(self):
        await self.barrier.reset()
        self.print("barrier reset")

    async def wait_barrier_abort(self):
        await self.barrier.abort()
        self.print("barrier aborted")
