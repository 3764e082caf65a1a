# SPDX-License-Identifier: MIT
# S110: Barrier
from prelude import *


async def main():
    b = Barrier(3)
    print(sorted(await gather(*(b.wait() for _ in range(3)))), b.n_waiting)
    t = create_task(b.wait())
    await sleep(0)
    print(b.n_waiting)
    t.cancel()
    await wait([t])
    print(b.n_waiting, b.broken)
    t = create_task(b.wait())
    await sleep(0)
    await b.abort()
    await wait([t])
    print(type(t.exception()).__name__, b.broken)
    try:
        await b.wait()
    except BrokenBarrierError:
        print("still broken")
    await b.reset()
    print(b.broken)


run(main())
