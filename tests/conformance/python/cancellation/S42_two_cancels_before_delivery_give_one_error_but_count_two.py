# SPDX-License-Identifier: MIT
# S42: Two cancels before delivery give one CancelledError, but count two
from prelude import *


async def t():
    n = 0
    for _ in range(3):
        try:
            await sleep(0.02)
        except CancelledError:
            n += 1
    return n


async def main():
    x = create_task(t())
    await sleep(0)
    x.cancel()
    x.cancel()
    print(x.cancelling())
    print(await x)
    x = create_task(t())
    await sleep(0)
    x.cancel()
    await sleep(0.005)
    x.cancel()
    print(await x)


run(main())
