# SPDX-License-Identifier: MIT
# S49: await in finally works; a second cancel interrupts it
from prelude import *


async def t(d):
    try:
        await sleep(9)
    finally:
        await sleep(d)
        print("cleaned")


async def main():
    x = create_task(t(0.01))
    await sleep(0)
    x.cancel()
    await wait([x])
    print(x.cancelled())
    x = create_task(t(9))
    await sleep(0)
    x.cancel()
    await sleep(0)
    await sleep(0)
    x.cancel()
    await wait([x])
    print(x.cancelled())


run(main())
