# SPDX-License-Identifier: MIT
# S72: A block that never suspends cannot time out
from prelude import *


async def main():
    async with timeout(0.01) as cm:
        time.sleep(0.03)
    print("no error", cm.expired())
    try:
        async with timeout(0.01):
            time.sleep(0.03)
            await sleep(0.01)
    except TimeoutError:
        print("timeout")
    async with timeout(0.01) as cm:
        try:
            await sleep(9)
        except CancelledError:
            pass
    print("swallowed", cm.expired(), current_task().cancelling())


run(main())
