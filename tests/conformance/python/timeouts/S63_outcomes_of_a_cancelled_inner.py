# SPDX-License-Identifier: MIT
# S63: Outcomes of a cancelled inner
from prelude import *


async def keeps():
    try:
        await sleep(9)
    except CancelledError:
        return "kept"


async def fails():
    try:
        await sleep(9)
    except CancelledError:
        raise ValueError("cleanup failed")


async def main():
    print(await wait_for(keeps(), 0.01))
    try:
        await wait_for(fails(), 0.01)
    except Exception as e:
        print(repr(e))


run(main())
