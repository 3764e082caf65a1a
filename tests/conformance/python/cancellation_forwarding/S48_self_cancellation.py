# SPDX-License-Identifier: MIT
# S48: Self-cancellation
from prelude import *


async def a():
    current_task().cancel()
    print("still running")
    f = get_running_loop().create_future()
    f.set_result(0)
    await f
    print("done future: no delivery")
    await sleep(0)
    print("never")


async def b():
    current_task().cancel()
    return 1


async def main():
    x, y = (create_task(a()), create_task(b()))
    await wait([x, y])
    print(x.cancelled(), y.cancelled())


run(main())
