# SPDX-License-Identifier: MIT
# S45: Cancelling a task that awaits another task cancels the inner one first
from prelude import *


async def inner():
    try:
        await sleep(9)
    except CancelledError:
        print("inner")
        raise


async def stubborn():
    try:
        await sleep(9)
    except CancelledError:
        return "value"


async def outer(t):
    try:
        return await t
    except CancelledError:
        print("outer")
        raise


async def main():
    i = create_task(inner())
    o = create_task(outer(i))
    await sleep(0)
    await sleep(0)
    o.cancel()
    await wait([o])
    print(i.cancelled(), o.cancelled())
    s = create_task(stubborn())
    o = create_task(outer(s))
    await sleep(0)
    await sleep(0)
    o.cancel()
    await wait([o])
    print(o.cancelled(), o.result(), o.cancelling())


run(main())
