# SPDX-License-Identifier: MIT
# S24: Several waiters resume in the order they began waiting
from prelude import *


async def main():
    f = get_running_loop().create_future()

    async def w(n):
        try:
            await f
        except ValueError as e:
            print(n, e)
    ts = [create_task(w(n)) for n in range(3)]
    await sleep(0)
    f.set_exception(ValueError("x"))
    await wait(ts)


run(main())
