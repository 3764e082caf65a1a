# SPDX-License-Identifier: MIT
# S115: shutdown (3.13)
from prelude import *

since(3, 13)  # shutdown() is new there


async def main():
    q = Queue(2)

    async def tr(c):
        try:
            return await c
        except QueueShutDown:
            return "ShutDown"
    q.put_nowait(1)
    q.put_nowait(2)
    p = create_task(tr(q.put(3)))
    await sleep(0)
    q.shutdown()
    print(await p, await tr(q.get()), await tr(q.get()), await tr(q.get()), await tr(q.put(4)))
    e = Queue()
    g = create_task(tr(e.get()))
    await sleep(0)
    e.shutdown()
    print(await g)
    r = Queue()
    r.put_nowait(1)
    j = create_task(r.join())
    await sleep(0)
    r.shutdown(immediate=True)
    await wait_for(j, 1)
    print(r.qsize(), await tr(r.get()))


run(main())
