# SPDX-License-Identifier: MIT
# S26: Only the loop's own futures may be awaited
from prelude import *


async def nothing():
    pass


async def main():
    other = new_event_loop().create_future()
    try:
        await other
    except RuntimeError as e:
        print("different loop" in str(e))

    async def me():
        try:
            await current_task()
        except RuntimeError as e:
            print("itself" in str(e))
    await create_task(me())
    for c in (sleep(0), nothing()):
        await c
        try:
            await c
        except RuntimeError as e:
            print(e)


run(main())
