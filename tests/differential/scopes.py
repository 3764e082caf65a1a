# SPDX-License-Identifier: MIT
"""Statements that are scopes: task groups, exit stacks and async generators that are closed."""

import asyncio
from contextlib import AsyncExitStack, aclosing

from interpreter import describe
from newer_asyncio import TaskGroup
from sync import Sync


class Scopes(Sync):
    async def wait_group(self, children, *statements):
        """(group ((NAME STATEMENT...)...) STATEMENT...): tasks of the group, and its body"""
        async with TaskGroup() as group:
            for name, *body in children:
                self.begin(group, name, body)
            await self.block(statements)
        self.print("group ends")

    async def wait_stack(self, exits, *statements):
        """(stack (EXIT...) STATEMENT...): an exit is (lock), (semaphore), (call STATEMENT...), or
        (exit swallow|pass STATEMENT...), which is told the error"""
        async with AsyncExitStack() as stack:
            for kind, *words in exits:
                await getattr(self, "push_" + kind)(stack, *words)
            await self.block(statements)
        self.print("stack left")

    async def push_lock(self, stack):
        await stack.enter_async_context(self.lock)
        self.print("locked")

    async def push_semaphore(self, stack):
        await stack.enter_async_context(self.semaphore)
        self.print("permit")

    async def push_call(self, stack, *statements):
        stack.push_async_callback(self.leaving, statements)

    async def push_exit(self, stack, how, *statements):
        async def leave(kind, error, traceback):
            self.print("exit", describe(error) if error else "None")
            await self.leaving(statements)
            return how == "swallow"

        stack.push_async_exit(leave)

    async def leaving(self, statements):
        """CPython's exit stack goes through the errors before an error, for ever if one that several tasks
        share has made that a circle."""
        try:
            await self.block(statements)
        except BaseException as error:
            error.__context__ = None
            raise

    async def wait_generator(self, body, *statements):
        """(generator (STATEMENT...) STATEMENT...): yields after each of the first, runs the others for each item"""
        async with aclosing(self.items(body)) as items:
            async for item in items:
                self.print("item", item)
                await self.block(statements)
        self.print("generator closed")

    async def items(self, body):
        try:
            for place, statement in enumerate(body):
                await self.block([statement])
                yield place
        finally:
            self.print("generator ends")
            await asyncio.sleep(0)
            self.print("generator left")
