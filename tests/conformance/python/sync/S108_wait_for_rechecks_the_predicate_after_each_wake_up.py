# SPDX-License-Identifier: MIT
# S108: Condition.wait_for re-checks the predicate after each wake-up
from prelude import *


async def main():
    c = Condition()
    n = 0

    async def waiter():
        async with c:
            return await c.wait_for(lambda: n >= 2 and "enough")
    t = create_task(waiter())
    await sleep(0)
    for _ in range(2):
        n += 1
        async with c:
            c.notify_all()
        await sleep(0.01)
        print(n, t.done())
    print(t.result())


run(main())
