# SPDX-License-Identifier: MIT
# S23: From set_result to the waiter: one iteration
from prelude import *


async def main():
    loop = get_running_loop()
    tick = 0

    def count():
        nonlocal tick
        tick += 1
        if tick < 12:
            loop.call_soon(count)
    f = loop.create_future()

    async def inner():
        await f
        return tick

    async def outer(t):
        a = await t
        return (a, tick)
    t = create_task(inner())
    o = create_task(outer(t))
    await sleep(0)
    await sleep(0)
    loop.call_soon(count)
    f.set_result(None)
    a, b = await o
    print(a, b, tick)


run(main())
