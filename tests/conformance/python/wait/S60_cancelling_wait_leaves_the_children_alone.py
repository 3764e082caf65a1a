# SPDX-License-Identifier: MIT
# S60: Cancelling wait() leaves the children alone
from prelude import *


async def main():
    a = create_task(sleep(0.02, "alive"))
    w = create_task(wait([a]))
    await sleep(0)
    w.cancel()
    await sleep(0)
    await sleep(0)
    print(w.cancelled(), a.done())
    print(await a)


run(main())
