# SPDX-License-Identifier: MIT
# S55: Cancelling gather cancels the children and waits for them
from prelude import *


async def t(n):
    try:
        await sleep(9)
    finally:
        await sleep(0.01)
        print("child", n, "ended")


async def main():
    g = gather(t(1), t(2), return_exceptions=True)
    await sleep(0)
    print(g.cancel())
    try:
        await g
    except CancelledError:
        print("gather cancelled", g.cancelled())


run(main())
