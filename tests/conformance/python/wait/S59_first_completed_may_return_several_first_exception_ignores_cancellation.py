# SPDX-License-Identifier: MIT
# S59: FIRST_COMPLETED may return several; FIRST_EXCEPTION ignores cancellation
from prelude import *


async def main():
    a, b, c = (create_task(sleep(0)) for _ in range(3))
    d, p = await wait([a, b, c], return_when=FIRST_COMPLETED)
    print(len(d), len(p))

    async def bad():
        await sleep(0.02)
        raise ValueError
    x, y, z = (create_task(sleep(9)), create_task(bad()), create_task(sleep(0.05)))
    await sleep(0)
    x.cancel()
    d, p = await wait([x, y, z], return_when=FIRST_EXCEPTION)
    print(x in d, y in d, p == {z})
    y.exception()


run(main())
