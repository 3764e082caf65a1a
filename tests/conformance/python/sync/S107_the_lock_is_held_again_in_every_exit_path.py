# SPDX-License-Identifier: MIT
# S107: Condition: the lock is held again in every exit path
from prelude import *


async def w(c, n):
    async with c:
        try:
            await c.wait()
            print("woken", n)
        except CancelledError:
            print("cancelled with lock held:", c.locked())
            raise


async def main():
    c = Condition()
    ts = [create_task(w(c, i)) for i in range(3)]
    await sleep(0)
    try:
        c.notify()
    except RuntimeError as e:
        print(e)
    async with c:
        c.notify(2)
    await wait(ts[:2])
    await c.acquire()
    ts[2].cancel()
    await sleep(0)
    print("waiting for lock", ts[2].done())
    c.release()
    await wait(ts)
    print(ts[2].cancelled(), c.locked())


run(main())
