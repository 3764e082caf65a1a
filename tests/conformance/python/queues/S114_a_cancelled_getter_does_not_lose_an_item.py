# SPDX-License-Identifier: MIT
# S114: A cancelled getter does not lose an item
from prelude import *


async def main():
    q = Queue()
    a, b = (create_task(q.get()), create_task(q.get()))
    await sleep(0)
    q.put_nowait("item")
    a.cancel()
    print(await wait_for(b, 1), a.cancelled())
    try:
        await wait_for(q.get(), 0.01)
    except TimeoutError:
        q.put_nowait("next")
        print(await q.get())


run(main())
