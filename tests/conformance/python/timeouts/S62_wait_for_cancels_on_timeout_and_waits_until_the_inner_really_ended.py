# SPDX-License-Identifier: MIT
# S62: wait_for cancels on timeout and waits until the inner really ended
from prelude import *


async def slow():
    try:
        await sleep(9)
    finally:
        await sleep(0.1)
        print("cleaned")


async def main():
    t = time.monotonic()
    try:
        await wait_for(slow(), 0.05)
    except TimeoutError:
        print("timeout", round(time.monotonic() - t, 2) >= 0.15)
    print(await wait_for(sleep(0.01, "v"), None))


run(main())
