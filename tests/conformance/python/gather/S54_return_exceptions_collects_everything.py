# SPDX-License-Identifier: MIT
# S54: return_exceptions=True collects everything, cancellations included
from prelude import *


async def bad():
    raise ValueError("x")


async def main():
    c = create_task(sleep(9))
    get_running_loop().call_soon(c.cancel)
    print(*(repr(r) for r in await gather(bad(), c, sleep(0, 3), return_exceptions=True)))


run(main())
