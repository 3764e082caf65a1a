# SPDX-License-Identifier: MIT
# S66: Cancelling the caller of wait_for cancels the inner
from prelude import *


async def inner():
    try:
        await sleep(9)
    finally:
        print("inner ended")


async def main():
    t = create_task(wait_for(inner(), 5))
    await sleep(0.01)
    t.cancel()
    await wait([t])
    print(t.cancelled())


run(main())
