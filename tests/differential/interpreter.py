# SPDX-License-Identifier: MIT
"""Runs the programs of the differential test on CPython's asyncio and records what happens.

The C++ interpreter (interpreter.hpp and its parts) does the same with aio, statement by statement; every
line here has its counterpart there. do_NAME() is a statement that never waits and may stand in a callback;
wait_NAME() is one that may wait.
"""

import asyncio

from virtual_time import START

TICK = 1 / 64  # seconds; a power of two, so that sums of delays are exact
PATIENCE = 1000  # ticks after which a program counts as stuck and is cancelled
ROUNDS = 20  # how often its tasks are cancelled then; a program can only swallow so many
WHEN = {
    "all": asyncio.ALL_COMPLETED,
    "first": asyncio.FIRST_COMPLETED,
    "error": asyncio.FIRST_EXCEPTION,
}


def describe(error):
    """An exception as both sides spell it; messages only where the program gave them."""
    if isinstance(error, BaseExceptionGroup):
        return "group[" + ", ".join(describe(inner) for inner in error.exceptions) + "]"
    if isinstance(error, (ValueError, asyncio.CancelledError)):
        return f"{type(error).__name__}({', '.join(map(str, error.args))})"
    return type(error).__name__


def caught_by(kind, error):
    return isinstance(error, asyncio.CancelledError if kind == "cancelled" else Exception)


class Core:
    def __init__(self, loop):
        self.loop = loop
        self.trace = []
        self.named = {}  # tasks and futures, in the order of their creation

    def print(self, *words):
        task = asyncio.current_task(self.loop)
        ticks = (self.loop.time() - START) / TICK
        self.trace.append(" ".join([f"{ticks:g}", task.get_name() if task else "-", *map(str, words)]))

    async def body(self, name, statements):
        """A task: its result is its name in brackets."""
        try:
            await self.block(statements)
        except BaseException as error:
            self.print("ends with", describe(error))
            raise
        self.print("ends")
        return f"<{name}>"

    async def block(self, statements):
        for statement in statements:
            action = getattr(self, "do_" + statement[0], None)
            if action:
                action(*statement[1:])
            else:
                await getattr(self, "wait_" + statement[0])(*statement[1:])

    def callback(self, statements):
        self.print("callback")
        for name, *arguments in statements:
            getattr(self, "do_" + name)(*arguments)

    def known(self, names):
        """The futures of those names that exist by now, each once."""
        return [self.named[name] for name in dict.fromkeys(names) if name in self.named]

    # Tasks

    def do_print(self, word):
        self.print(word)

    def do_spawn(self, name, *statements):
        self.begin(self.loop, name, statements)

    def begin(self, owner, name, statements):
        """A new task; a statement that is run again makes no second one."""
        if name not in self.named:
            self.named[name] = owner.create_task(self.body(name, statements), name=name)

    def do_cancel(self, name, *message):
        for task in self.known([name]):
            self.print("cancel", name, task.cancel(*message))

    def do_raise(self, word):
        raise ValueError(word)

    def do_cancelling(self):
        if task := asyncio.current_task():
            self.print("cancelling", task.cancelling())

    def do_uncancel(self):
        if task := asyncio.current_task():
            self.print("uncancel", task.uncancel())

    async def wait_sleep(self, ticks):
        await asyncio.sleep(int(ticks) * TICK)
        self.print("slept", ticks)

    async def wait_await(self, name):
        for future in self.known([name]):
            self.print("awaited", await future)

    async def wait_try(self, body, *clauses):
        """(try (BODY) (catch KIND swallow|reraise STATEMENT...) (finally STATEMENT...)), clauses optional"""
        clauses = {clause[0]: clause[1:] for clause in clauses}
        try:
            await self.block(body)
        except BaseException as error:
            if "catch" not in clauses or not caught_by(clauses["catch"][0], error):
                raise
            self.print("caught", describe(error))
            await self.block(clauses["catch"][2:])
            if clauses["catch"][1] == "reraise":
                raise
        finally:
            await self.block(clauses.get("finally", []))

    # Futures and callbacks

    def do_future(self, name):
        self.named[name] = self.loop.create_future()

    def settle(self, verb, name, method, *arguments):
        for future in self.known([name]):
            try:
                getattr(future, method)(*arguments)
                self.print(verb, name)
            except asyncio.InvalidStateError:
                self.print(verb, name, "InvalidStateError")

    def do_set(self, name):
        self.settle("set", name, "set_result", f"<{name}>")

    def do_fail(self, name, word):
        self.settle("fail", name, "set_exception", ValueError(word))

    def do_callback(self, name, *statements):
        for future in self.known([name]):
            future.add_done_callback(lambda _: self.callback(statements))

    def do_soon(self, *statements):
        self.loop.call_soon(self.callback, statements)

    def do_later(self, ticks, *statements):
        self.loop.call_later(int(ticks) * TICK, self.callback, statements)

    def do_state(self, name):
        for future in self.known([name]):
            self.print("state", name, self.outcome(future))

    @staticmethod
    def outcome(future):
        if not future.done():
            return "pending"
        if future.cancelled():
            return "cancelled"
        return describe(future.exception()) if future.exception() else future.result()
