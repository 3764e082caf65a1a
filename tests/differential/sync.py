# SPDX-License-Identifier: MIT
"""Statements about a lock, an event and a queue for one item, which all tasks share, and about groups."""

import asyncio

from newer_asyncio import TaskGroup
from waits import Waits


class Sync(Waits):
    def __init__(self, loop):
        super().__init__(loop)
        self.lock = asyncio.Lock()
        self.event = asyncio.Event()
        self.queue = asyncio.Queue(1)

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

    async def wait_group(self, children, *statements):
        """(group ((NAME STATEMENT...)...) STATEMENT...): tasks of the group, and its body"""
        async with TaskGroup() as group:
            for name, *body in children:
                self.named[name] = group.create_task(self.body(name, body), name=name)
            await self.block(statements)
        self.print("group ends")
