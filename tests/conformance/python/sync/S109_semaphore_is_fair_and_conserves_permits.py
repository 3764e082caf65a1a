# SPDX-License-Identifier: MIT
# S109: Semaphore is fair and conserves permits
from prelude import *


async def t(s, n):
    async with s:
        print(n, end=" ")
        await sleep(0)


async def main():
    s = Semaphore(1)
    await s.acquire()
    ts = [create_task(t(s, i)) for i in range(4)]
    await sleep(0)
    s.release()
    ts[0].cancel()
    await wait(ts)
    print("|", s._value, s.locked())
    b = BoundedSemaphore(1)
    try:
        b.release()
    except ValueError as e:
        print(e)


run(main())
