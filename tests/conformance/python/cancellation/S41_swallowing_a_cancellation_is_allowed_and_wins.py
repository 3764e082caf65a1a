# SPDX-License-Identifier: MIT
# S41: Swallowing a cancellation is allowed and wins
from prelude import *


async def keep():
    try:
        await sleep(9)
    except CancelledError:
        return "kept"


async def other():
    try:
        await sleep(9)
    except CancelledError:
        raise ValueError("x")


async def main():
    a, b = (create_task(keep()), create_task(other()))
    await sleep(0)
    a.cancel()
    b.cancel()
    await wait([a, b])
    print(a.cancelled(), a.result(), a.cancelling(), repr(b.exception()), b.cancelled())


run(main())
