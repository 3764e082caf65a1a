# SPDX-License-Identifier: MIT
# S53: The first exception surfaces at once; the others keep running
from prelude import *


async def bad(d):
    await sleep(d)
    raise ValueError(d)


async def ok():
    await sleep(0.03)
    print("sibling finished")


async def main():
    report()
    try:
        await gather(ok(), bad(0.01), bad(0.02))
    except ValueError as e:
        print("caught", e)
    await sleep(0.05)
    gc.collect()


run(main())
