# SPDX-License-Identifier: MIT
# S104: Lock is fair: no barging
from prelude import *


async def t(lk, n):
    async with lk:
        print(n, end=" ")


async def main():
    lk = Lock()
    await lk.acquire()
    ts = [create_task(t(lk, i)) for i in range(3)]
    await sleep(0)
    lk.release()
    print("free?", not lk.locked())
    await lk.acquire()
    print("main again")
    lk.release()
    try:
        lk.release()
    except RuntimeError as e:
        print(e)


run(main())
