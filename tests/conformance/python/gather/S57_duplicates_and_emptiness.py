# SPDX-License-Identifier: MIT
# S57: Duplicates and emptiness
from prelude import *


async def t():
    print("once")
    return 1


async def main():
    c = t()
    print(await gather(c, sleep(0, 2), c))
    g = gather()
    print(g.done())
    await g
    task = create_task(t())
    print(await gather(task, task))


run(main())
