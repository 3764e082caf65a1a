# SPDX-License-Identifier: MIT
# S153: Three tasks under wait (sleep 1, sleep 2, none)
from prelude import *

U = 1


async def to_do_something(i):
    print(f"task {i} start")
    await sleep(i * U)
    print(f"task {i} done")


async def mission_running():
    print("running ...")


loop = new_event_loop()
asyncio.set_event_loop(loop)
t = loop.time()
tasks = [ensure_future(to_do_something(1), loop=loop), ensure_future(to_do_something(2), loop=loop), ensure_future(mission_running(), loop=loop)]
loop.run_until_complete(asyncio.wait(tasks))
print(round((loop.time() - t) / U))
