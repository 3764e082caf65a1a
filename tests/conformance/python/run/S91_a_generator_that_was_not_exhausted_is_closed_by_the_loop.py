# SPDX-License-Identifier: MIT
# S91: An async generator that was not exhausted is closed by the loop
from prelude import *


async def agen():
    try:
        for i in range(9):
            yield i
    finally:
        await sleep(0)
        print("closed")


async def main():
    async for i in agen():
        if i == 1:
            break
    print("after break")
    gc.collect()
    await sleep(0.01)
    print("then")
    import contextlib
    async with contextlib.aclosing(agen()) as g:
        async for i in g:
            break
    print("end")


run(main())
