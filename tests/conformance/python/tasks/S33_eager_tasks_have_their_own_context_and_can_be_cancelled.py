# SPDX-License-Identifier: MIT
# S33: Eager tasks still get their own context copy and can be cancelled once suspended
from prelude import *

since(3, 12)  # eager tasks are new there

v = contextvars.ContextVar("v", default=0)


async def setter():
    v.set(1)


async def bad():
    raise ValueError("kept")


async def main():
    get_running_loop().set_task_factory(asyncio.eager_task_factory)
    create_task(setter())
    print(v.get())
    t = create_task(bad())
    print("no throw", repr(t.exception()))
    t = create_task(sleep(9))
    t.cancel()
    await wait([t])
    print(t.cancelled())


run(main())
