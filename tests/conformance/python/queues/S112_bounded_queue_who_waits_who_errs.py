# SPDX-License-Identifier: MIT
# S112: Bounded queue: who waits, who errs
from prelude import *


async def main():
    q = Queue(1)
    g = [create_task(q.get()) for _ in range(2)]
    await sleep(0)
    for i in "ab":
        await q.put(i)
    print(await gather(*g))
    q.put_nowait(1)
    try:
        q.put_nowait(2)
    except QueueFull:
        print("full", q.full())
    p = [create_task(q.put(x)) for x in (2, 3)]
    await sleep(0)
    print([await q.get() for _ in range(3)], q.empty())
    try:
        q.get_nowait()
    except QueueEmpty:
        print("empty")


run(main())
