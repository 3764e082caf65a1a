# SPDX-License-Identifier: MIT
# S69: An outside cancellation stays a cancellation
from prelude import *


async def t(both):
    async with timeout(0.02):
        await sleep(9)


async def main():
    x = create_task(t(0))
    await sleep(0.005)
    x.cancel()
    await wait([x])
    print(x.cancelled())
    x = create_task(t(1))
    await sleep(0.005)
    get_running_loop().call_later(0.02, x.cancel)
    time.sleep(0.04)
    await wait([x])
    print(x.cancelled())


run(main())
