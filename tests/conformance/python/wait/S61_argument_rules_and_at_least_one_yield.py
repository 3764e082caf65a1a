# SPDX-License-Identifier: MIT
# S61: Argument rules; at least one yield
from prelude import *


async def main():
    try:
        await wait([])
    except ValueError as e:
        print("ValueError", e)
    t = create_task(sleep(0))
    await t
    o = []
    get_running_loop().call_soon(o.append, "other")
    await wait([t])
    print(text(o))


run(main())
