# SPDX-License-Identifier: MIT
# S159: A future set by another task; a future nobody sets
from prelude import *


async def set_after(fut):
    await sleep(0.02)
    fut.set_result("666")


async def main():
    fut = get_running_loop().create_future()
    await create_task(set_after(fut))
    print(await fut)
    try:
        await wait_for(get_running_loop().create_future(), 0.02)
    except TimeoutError:
        print("never set")


run(main())
