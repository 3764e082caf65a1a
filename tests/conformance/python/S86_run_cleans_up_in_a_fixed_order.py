# SPDX-License-Identifier: MIT
# S86: run() cleans up in a fixed order
from prelude import *


async def bg():
    try:
        await sleep(9)
    finally:
        await sleep(0.01)
        print("task cleaned")


async def agen():
    try:
        yield 1
    finally:
        print("generator closed")


async def main():
    global t, g
    t = create_task(bg())
    g = agen()
    await g.__anext__()
    print("main returns")


run(main())
print("run returned", t.cancelled())
