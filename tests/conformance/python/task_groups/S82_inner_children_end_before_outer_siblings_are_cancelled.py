# SPDX-License-Identifier: MIT
# S82: Nested groups
from prelude import *


async def child(name, turns):
    try:
        await sleep(9)
    except CancelledError:
        print(name, "cancelled")
    for _ in range(turns):
        await sleep(0)
    print(name, "ended")
    raise CancelledError


async def bad():
    raise ValueError("deep")


async def inner():
    async with TaskGroup() as g:
        g.create_task(child("inner", 5))
        await sleep(0)
        g.create_task(bad())


async def main():
    try:
        async with TaskGroup() as g:
            g.create_task(child("sibling", 0))
            g.create_task(inner())
    except ExceptionGroup as e:
        print(len(e.exceptions))


run(main())
