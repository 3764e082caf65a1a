# SPDX-License-Identifier: MIT
"""The whole interpreter, and how it runs a program: on a loop of its own, in virtual time."""

import asyncio

from interpreter import PATIENCE, ROUNDS, TICK, describe
from newer_asyncio import Task, task_factory
from scopes import Scopes
from virtual_time import VirtualTimeLoop


class Machine(Scopes):
    def report(self, loop, context):
        if context["message"].startswith("Exception in callback"):
            self.print("reported", describe(context["exception"]))

    async def drive(self, program):
        """Runs the main task, then cancels what is left until nothing is, and shows how all ended."""
        self.do_spawn("T0", *program)
        await asyncio.wait([self.named["T0"]], timeout=PATIENCE * TICK)
        for _ in range(ROUNDS):
            left = {n: f for n, f in self.named.items() if isinstance(f, Task) and not f.done()}
            if not left:
                break
            self.print("cancels", *left)
            for task in left.values():
                task.cancel()
            await asyncio.wait(left.values(), timeout=PATIENCE * TICK)
        for name, future in self.named.items():
            self.print(name, self.outcome(future))


def run(program):
    """The trace of a program: a list of lines."""
    loop = VirtualTimeLoop()
    loop.set_task_factory(task_factory)
    machine = Machine(loop)
    loop.set_exception_handler(machine.report)
    try:
        driver = loop.create_task(machine.drive(program), name="driver")
        loop.run_until_complete(driver)
    finally:
        loop.close()
    return machine.trace
