# SPDX-License-Identifier: MIT
# S113: join and task_done count items, not gets
from prelude import *


async def main():
    q = Queue()
    await q.join()
    q.put_nowait(1)
    q.put_nowait(2)
    j = create_task(q.join())
    q.get_nowait()
    q.get_nowait()
    await sleep(0)
    print("all got, joined?", j.done())
    q.task_done()
    q.task_done()
    await j
    try:
        q.task_done()
    except ValueError as e:
        print(e)


run(main())
