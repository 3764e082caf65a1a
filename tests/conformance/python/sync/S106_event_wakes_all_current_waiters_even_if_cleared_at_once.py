# SPDX-License-Identifier: MIT
# S106: Event: set wakes all current waiters even if cleared at once
from prelude import *


async def w(e, n):
    print(n, await e.wait(), e.is_set())


async def main():
    e = Event()
    ts = [create_task(w(e, i)) for i in range(2)]
    await sleep(0)
    e.set()
    e.clear()
    await gather(*ts)


run(main())
