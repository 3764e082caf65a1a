# SPDX-License-Identifier: MIT
# S105: A woken waiter that is cancelled passes the wake-up on
from prelude import *


async def t(lk, n):
    async with lk:
        print("got", n)


async def main():
    lk = Lock()
    await lk.acquire()
    b, c = (create_task(t(lk, "b")), create_task(t(lk, "c")))
    await sleep(0)
    lk.release()
    b.cancel()
    await wait_for(c, 1)
    print(b.cancelled(), lk.locked())


run(main())
