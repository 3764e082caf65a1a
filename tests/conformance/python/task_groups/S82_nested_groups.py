# SPDX-License-Identifier: MIT
# S82: Nested groups
from prelude import *


async def bad():
    raise ValueError("deep")


async def inner():
    async with TaskGroup() as g:
        g.create_task(bad())


async def main():
    try:
        async with TaskGroup() as g:
            g.create_task(inner())
    except ExceptionGroup as e:
        nested = e.exceptions[0]
        print(len(e.exceptions), type(nested).__name__, len(nested.exceptions), repr(nested.exceptions[0]))


run(main())
